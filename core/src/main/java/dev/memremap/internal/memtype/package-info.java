// SPDX-License-Identifier: Apache-2.0

/**
 * The table of memory types: which range is mapped with which type, and what a new alias may have.
 */
@NullMarked
package dev.memremap.internal.memtype;

import org.jspecify.annotations.NullMarked;
