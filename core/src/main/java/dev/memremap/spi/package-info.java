// SPDX-License-Identifier: Apache-2.0

/** What a module that reaches real memory implements, and what it needs from the library. */
@NullMarked
package dev.memremap.spi;

import org.jspecify.annotations.NullMarked;
