// SPDX-License-Identifier: Apache-2.0

/** Cache modes, and which ranges are mapped with which mode. */
@NullMarked
package dev.memremap.cache;

import org.jspecify.annotations.NullMarked;
