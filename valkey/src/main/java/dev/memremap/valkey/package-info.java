// SPDX-License-Identifier: Apache-2.0

/**
 * Pages of a remote memory in Valkey or Redis: one node, a master with Sentinels, or a cluster.
 * {@link dev.memremap.valkey.ValkeyStore#at} names the place.
 */
@NullMarked
package dev.memremap.valkey;

import org.jspecify.annotations.NullMarked;
