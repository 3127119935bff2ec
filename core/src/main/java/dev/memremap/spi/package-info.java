// SPDX-License-Identifier: Apache-2.0

/** What a module for real memory implements, and what it needs from the library. */
@NullMarked
package dev.memremap.spi;

import org.jspecify.annotations.NullMarked;
