// SPDX-License-Identifier: Apache-2.0
/** The sizes and widths that a machine counts its memory in. */
@NullMarked
package dev.memremap.internal.geometry;

import org.jspecify.annotations.NullMarked;
