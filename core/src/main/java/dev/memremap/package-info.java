// SPDX-License-Identifier: Apache-2.0

/**
 * Where a user begins: machines, and what is mapped of their physical address spaces.
 *
 * <p>A {@code Machine} is the address space, a {@code Mapping} is what {@code memremap} returns, a
 * {@code Device} releases what was acquired through it, and a {@code RemapPlan} says what a call
 * would do and why.
 */
@NullMarked
package dev.memremap;

import org.jspecify.annotations.NullMarked;
