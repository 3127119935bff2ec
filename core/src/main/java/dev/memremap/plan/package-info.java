// SPDX-License-Identifier: Apache-2.0

/** Plans: what a request would do and why. */
@NullMarked
package dev.memremap.plan;

import org.jspecify.annotations.NullMarked;
