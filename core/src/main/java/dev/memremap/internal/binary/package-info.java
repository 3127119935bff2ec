// SPDX-License-Identifier: Apache-2.0

/** Arithmetic of powers of two, on which the sizes of pages and blocks rest. */
@NullMarked
package dev.memremap.internal.binary;

import org.jspecify.annotations.NullMarked;
