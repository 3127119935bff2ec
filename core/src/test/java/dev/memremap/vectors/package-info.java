// SPDX-License-Identifier: Apache-2.0

/**
 * The table of kernel answers that every package's tests are held to, and the maps it speaks of.
 */
@NullMarked
package dev.memremap.vectors;

import org.jspecify.annotations.NullMarked;
