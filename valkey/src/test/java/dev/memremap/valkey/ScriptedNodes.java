// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import io.lettuce.core.api.async.BaseRedisAsyncCommands;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/** Says that all keys are at one node, and counts how often it is told to look again. */
final class ScriptedNodes implements Nodes {
  /** What is thrown where Lettuce would be asked. */
  static final class SharedException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private final Place.Host host;
  private final AtomicInteger looks = new AtomicInteger();

  ScriptedNodes(Place.Host host) {
    this.host = host;
  }

  /** How often it was told to look again. */
  int looks() {
    return looks.get();
  }

  @Override
  public BaseRedisAsyncCommands<byte[], byte[]> byKey() {
    throw new SharedException();
  }

  @Override
  public CompletionStage<Node> ownerOf(byte[] key) {
    throw new SharedException();
  }

  @Override
  public String nameOf(byte[] key) {
    return "";
  }

  @Override
  public Place.Host where(byte[] key) {
    return host;
  }

  @Override
  public Map<String, String> masters() {
    return Map.of();
  }

  @Override
  public CompletionStage<String> info(String master, String section) {
    throw new SharedException();
  }

  @Override
  public void lookAgain() {
    looks.incrementAndGet();
  }

  @Override
  public void close() {}
}
