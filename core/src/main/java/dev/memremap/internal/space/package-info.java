// SPDX-License-Identifier: Apache-2.0

/** A machine's address space: its tables, its memory, its mappings, and the one lock. */
@NullMarked
package dev.memremap.internal.space;

import org.jspecify.annotations.NullMarked;
