// SPDX-License-Identifier: Apache-2.0
/** The lines that kernels log. */
@NullMarked
package dev.memremap.internal.log;

import org.jspecify.annotations.NullMarked;
