// SPDX-License-Identifier: Apache-2.0

/**
 * How the bytes of a physical range are reached: {@link dev.memremap.memory.PhysicalMemory}, its
 * simulated kind {@link dev.memremap.memory.SparseMemory}, accesses whose failure has a name, and
 * memory seen through another encryption attribute than its own.
 */
@NullMarked
package dev.memremap.memory;

import org.jspecify.annotations.NullMarked;
