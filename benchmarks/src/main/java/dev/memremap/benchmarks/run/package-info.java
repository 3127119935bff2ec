// SPDX-License-Identifier: Apache-2.0

/** Runs the rows of {@link dev.memremap.benchmarks.Goals}, judges them and writes them down. */
@NullMarked
package dev.memremap.benchmarks.run;

import org.jspecify.annotations.NullMarked;
