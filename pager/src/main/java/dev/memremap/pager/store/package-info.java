// SPDX-License-Identifier: Apache-2.0

/**
 * Where the pages of a remote memory live when they are not in memory: a {@link
 * dev.memremap.pager.store.PageStore}, which a {@link dev.memremap.pager.store.StoreLocation}
 * names.
 */
@NullMarked
package dev.memremap.pager.store;

import org.jspecify.annotations.NullMarked;
