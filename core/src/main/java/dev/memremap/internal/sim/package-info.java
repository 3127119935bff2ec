// SPDX-License-Identifier: Apache-2.0

/** Simulated memory: sparse files that are mapped. */
@NullMarked
package dev.memremap.internal.sim;

import org.jspecify.annotations.NullMarked;
