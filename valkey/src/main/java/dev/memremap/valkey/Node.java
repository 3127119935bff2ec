// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import io.lettuce.core.api.async.RedisAsyncCommands;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * A node that is a master, and a connection to it for what lasts: while one waits for replicas,
 * nothing else goes over it.
 *
 * @param name for sentences
 * @param commands over that connection
 * @param promotable asks how many of its replicas may be promoted, should it end now
 */
record Node(
    String name,
    RedisAsyncCommands<byte[], byte[]> commands,
    Supplier<CompletionStage<Integer>> promotable) {}
