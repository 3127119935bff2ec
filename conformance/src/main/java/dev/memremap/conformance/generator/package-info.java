// SPDX-License-Identifier: Apache-2.0

/** Generates scenarios from a seed that are meaningful and of which few depart. */
@NullMarked
package dev.memremap.conformance.generator;

import org.jspecify.annotations.NullMarked;
