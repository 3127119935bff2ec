// SPDX-License-Identifier: Apache-2.0

/**
 * What a flight recording and probes are told. The classes of its events are loaded only during a
 * recording.
 */
@NullMarked
package dev.memremap.internal.event;

import org.jspecify.annotations.NullMarked;
