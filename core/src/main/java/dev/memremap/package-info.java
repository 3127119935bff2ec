// SPDX-License-Identifier: Apache-2.0

/**
 * A machine's physical address space and what can be mapped of it: where a user begins.
 *
 * <p>{@code Machine} is the address space, {@code Mapping} what {@code memremap} gives, {@code
 * Device} an owner that releases what it acquired, and {@code RemapPlan} what a call would do and
 * why.
 */
@NullMarked
package dev.memremap;

import org.jspecify.annotations.NullMarked;
