// SPDX-License-Identifier: Apache-2.0

/**
 * Memory that is larger than this computer: {@link dev.memremap.pager.RemoteMemory}. Its pages live
 * in a {@link dev.memremap.pager.store.PageStore}, and come in when they are touched.
 */
@NullMarked
package dev.memremap.pager;

import org.jspecify.annotations.NullMarked;
