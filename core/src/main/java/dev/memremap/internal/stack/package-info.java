// SPDX-License-Identifier: Apache-2.0
/** Room on the stack, made sure of before something is changed. */
@NullMarked
package dev.memremap.internal.stack;

import org.jspecify.annotations.NullMarked;
