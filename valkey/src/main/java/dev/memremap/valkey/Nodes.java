// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import io.lettuce.core.api.async.BaseRedisAsyncCommands;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/**
 * Connections to the nodes of a place. They are made anew by themselves; meanwhile each command is
 * refused at once.
 *
 * <p>Thread safety: all methods may be called from any thread.
 */
interface Nodes extends AutoCloseable {
  /** Commands that go to the node which has their first key, wherever it is by then. */
  BaseRedisAsyncCommands<byte[], byte[]> byKey();

  /**
   * The node that has a key, as far as is known; it may have to be connected to first.
   *
   * @throws io.lettuce.core.RedisException if none is known
   */
  CompletionStage<Node> ownerOf(byte[] key);

  /** The name of the node that has a key, as far as is known; empty where it is always the same. */
  String nameOf(byte[] key);

  /**
   * Where the node is that a command with this key goes to just now: at an address, or by a name.
   *
   * @throws io.lettuce.core.RedisException if none is known, or it is not connected
   */
  Place.Host where(byte[] key);

  /** The masters by name, as far as is known, with their slots: {@code 0-5460}; empty for all. */
  Map<String, String> masters();

  /** Asks a master for a section of its INFO. */
  CompletionStage<String> info(String master, String section);

  /** Asks where which keys are: something has moved. */
  void lookAgain();

  /** Gives all connections back. */
  @Override
  void close();

  /**
   * Connects.
   *
   * @throws io.lettuce.core.RedisException if no node answers
   */
  static Nodes of(NodeOptions options) {
    LettuceLog.silence();
    return switch (options.place().kind()) {
      case NODE, SENTINEL -> SingleNode.connect(options);
      case CLUSTER -> ClusterNodes.connect(options);
    };
  }
}
