// SPDX-License-Identifier: Apache-2.0

/** How the bytes of a physical range are reached. */
@NullMarked
package dev.memremap.memory;

import org.jspecify.annotations.NullMarked;
