// SPDX-License-Identifier: Apache-2.0

/** Writes an {@link dev.memremap.drawing.model.AddressMap} as characters of a terminal. */
@NullMarked
package dev.memremap.drawing.terminal;

import org.jspecify.annotations.NullMarked;
