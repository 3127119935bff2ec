// SPDX-License-Identifier: Apache-2.0

/** What each thing costs, beside its peers. */
@NullMarked
package dev.memremap.benchmarks;

import org.jspecify.annotations.NullMarked;
