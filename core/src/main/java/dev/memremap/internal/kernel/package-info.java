// SPDX-License-Identifier: Apache-2.0
/** What differs from one kernel to another. */
@NullMarked
package dev.memremap.internal.kernel;

import org.jspecify.annotations.NullMarked;
