// SPDX-License-Identifier: Apache-2.0

/**
 * What the pager asks of Linux: userfaultfd, files without a name, descriptors that are handed to
 * another process, locks that end with their process. All native calls of these packages go through
 * one door, {@link dev.memremap.pager.internal.sys.Syscalls}.
 */
@NullMarked
package dev.memremap.pager.internal.sys;

import org.jspecify.annotations.NullMarked;
