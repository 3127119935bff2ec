// SPDX-License-Identifier: Apache-2.0

/** Writes an {@link dev.memremap.drawing.model.AddressMap} as SVG. */
@NullMarked
package dev.memremap.drawing.svg;

import org.jspecify.annotations.NullMarked;
