// SPDX-License-Identifier: Apache-2.0

/**
 * The processes of a remote memory: how they are started, what they hand each other, and which
 * takes over from which.
 */
@NullMarked
package dev.memremap.pager.internal.process;

import org.jspecify.annotations.NullMarked;
