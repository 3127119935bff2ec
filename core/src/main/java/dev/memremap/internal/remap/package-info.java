// SPDX-License-Identifier: Apache-2.0

/** What remaps answer, and how the answers are carried out. */
@NullMarked
package dev.memremap.internal.remap;

import org.jspecify.annotations.NullMarked;
