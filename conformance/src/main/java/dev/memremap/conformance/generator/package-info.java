// SPDX-License-Identifier: Apache-2.0

/** Scenarios that nobody chose: made from a seed, meaningful, and few of them departing. */
@NullMarked
package dev.memremap.conformance.generator;

import org.jspecify.annotations.NullMarked;
