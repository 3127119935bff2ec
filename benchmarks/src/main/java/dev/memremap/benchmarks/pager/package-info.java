// SPDX-License-Identifier: Apache-2.0

/** What faults of a remote memory cost, beside the same in C. */
@NullMarked
package dev.memremap.benchmarks.pager;

import org.jspecify.annotations.NullMarked;
