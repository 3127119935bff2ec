// SPDX-License-Identifier: Apache-2.0
/** What differs from one processor architecture to another. */
@NullMarked
package dev.memremap.internal.arch;

import org.jspecify.annotations.NullMarked;
