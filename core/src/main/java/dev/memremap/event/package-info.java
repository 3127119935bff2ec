// SPDX-License-Identifier: Apache-2.0

/** What this library writes into a flight recording: the events {@code dev.memremap.*}. */
@NullMarked
package dev.memremap.event;

import org.jspecify.annotations.NullMarked;
