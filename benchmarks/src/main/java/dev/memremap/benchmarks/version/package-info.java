// SPDX-License-Identifier: Apache-2.0

/**
 * Versions of the library that are measured beside each other, each by the benchmarks that were
 * compiled with it.
 */
@NullMarked
package dev.memremap.benchmarks.version;

import org.jspecify.annotations.NullMarked;
