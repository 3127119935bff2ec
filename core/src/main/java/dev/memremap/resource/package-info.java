// SPDX-License-Identifier: Apache-2.0

/** Ranges of physical addresses, the resource tree, and its text as Linux prints it. */
@NullMarked
package dev.memremap.resource;

import org.jspecify.annotations.NullMarked;
