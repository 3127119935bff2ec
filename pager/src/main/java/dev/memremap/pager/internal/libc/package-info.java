// SPDX-License-Identifier: Apache-2.0

/** How this module calls functions of the C library. */
@NullMarked
package dev.memremap.pager.internal.libc;

import org.jspecify.annotations.NullMarked;
