// SPDX-License-Identifier: Apache-2.0

/** Events of a flight recording. The classes are loaded only during a recording. */
@NullMarked
package dev.memremap.internal.event;

import org.jspecify.annotations.NullMarked;
