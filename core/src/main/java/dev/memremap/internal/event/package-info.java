// SPDX-License-Identifier: Apache-2.0

/** What a flight recording shows. The classes are loaded only while somebody records. */
@NullMarked
package dev.memremap.internal.event;

import org.jspecify.annotations.NullMarked;
