// SPDX-License-Identifier: Apache-2.0

/** The developers' command, {@code memremap-dev}. */
@NullMarked
package dev.memremap.benchmarks.command;

import org.jspecify.annotations.NullMarked;
