// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.BaseRedisAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.sentinel.api.StatefulRedisSentinelConnection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One node, or the one that Sentinels call the master: they are asked again at each connection.
 *
 * <p>Thread safety: {@code this} guards the connection to a Sentinel.
 */
final class SingleNode implements Nodes {
  private static final Set<String> NOT_PROMOTED = Set.of("s_down", "o_down", "disconnected");

  private final ClientResources resources;
  private final RedisClient client;
  private final @Nullable RedisURI sentinels;
  private final String master;
  private final StatefulRedisConnection<byte[], byte[]> pages;
  private final Addresses addresses;
  private final Node node;
  private @Nullable CompletableFuture<StatefulRedisSentinelConnection<String, String>> sentinel;

  private SingleNode(
      ClientResources resources,
      RedisClient client,
      NodeOptions options,
      Addresses addresses,
      StatefulRedisConnection<byte[], byte[]> pages,
      StatefulRedisConnection<byte[], byte[]> lasting) {
    Place place = options.place();
    this.resources = resources;
    this.client = client;
    this.sentinels = place.kind() == Place.Kind.SENTINEL ? options.sentinels() : null;
    this.master = place.master();
    this.addresses = addresses;
    this.pages = pages;
    this.node =
        new Node(
            sentinels == null
                ? place.hosts().getFirst().toString()
                : "the master %s".formatted(master),
            lasting.async(),
            this::promotable);
  }

  static SingleNode connect(NodeOptions options) {
    ClientResources resources = options.resources();
    RedisClient client = RedisClient.create(resources);
    Addresses addresses = new Addresses();
    client.addListener(addresses);
    try {
      Place place = options.place();
      client.setOptions(options.filled(ClientOptions.builder(), true).build());
      RedisURI uri =
          place.kind() == Place.Kind.SENTINEL
              ? options.sentinels()
              : options.uri(place.hosts().getFirst());
      SingleNode connected =
          new SingleNode(
              resources,
              client,
              options,
              addresses,
              client.connect(ByteArrayCodec.INSTANCE, uri),
              client.connect(ByteArrayCodec.INSTANCE, uri));
      client.setOptions(options.filled(ClientOptions.builder(), false).build());
      return connected;
    } catch (RuntimeException | Error e) {
      ClusterNodes.end(client, resources);
      throw e;
    }
  }

  @Override
  public BaseRedisAsyncCommands<byte[], byte[]> byKey() {
    return pages.async();
  }

  @Override
  public CompletionStage<Node> ownerOf(byte[] key) {
    return CompletableFuture.completedStage(node);
  }

  @Override
  public String nameOf(byte[] key) {
    return "";
  }

  @Override
  public Place.Host where(byte[] key) {
    Place.Host host = addresses.of(pages);
    if (host == null) {
      throw new RedisConnectionException(node.name());
    }
    return host;
  }

  @Override
  public Map<String, String> masters() {
    return Map.of(node.name(), "");
  }

  @Override
  public CompletionStage<String> info(String name, String section) {
    try {
      return pages.async().info(section);
    } catch (RedisException e) {
      return CompletableFuture.failedStage(e);
    }
  }

  /** Without Sentinels, none is promoted by itself. */
  private CompletionStage<Integer> promotable() {
    RedisURI uri = sentinels;
    if (uri == null) {
      return CompletableFuture.completedFuture(0);
    }
    return sentinel(uri)
        .thenCompose(connected -> connected.async().replicas(master))
        .thenApply(SingleNode::promotable);
  }

  /** One attempt to connect at a time, which ends by itself. */
  private synchronized CompletableFuture<StatefulRedisSentinelConnection<String, String>> sentinel(
      RedisURI uri) {
    CompletableFuture<StatefulRedisSentinelConnection<String, String>> connecting = sentinel;
    if (connecting != null && (!connecting.isDone() || isOpen(connecting))) {
      return connecting;
    }
    end(connecting);
    connecting = client.connectSentinelAsync(StringCodec.UTF8, uri);
    sentinel = connecting;
    return connecting;
  }

  private static boolean isOpen(
      CompletableFuture<StatefulRedisSentinelConnection<String, String>> connected) {
    return !connected.isCompletedExceptionally() && connected.join().isOpen();
  }

  @SuppressWarnings("FutureReturnValueIgnored") // of closing
  private static void end(
      @Nullable CompletableFuture<StatefulRedisSentinelConnection<String, String>> connected) {
    if (connected != null) {
      connected.thenAccept(StatefulRedisSentinelConnection::closeAsync);
    }
  }

  private static int promotable(List<Map<String, String>> replicas) {
    int count = 0;
    for (Map<String, String> each : replicas) {
      Set<String> flags = Set.of(each.getOrDefault("flags", "").split(","));
      boolean never = "0".equals(each.get("slave-priority"));
      if (!never && flags.stream().noneMatch(NOT_PROMOTED::contains)) {
        count++;
      }
    }
    return count;
  }

  /** Each connection asks anew when it is made. */
  @Override
  public synchronized void lookAgain() {
    end(sentinel);
    sentinel = null;
  }

  @Override
  public void close() {
    ClusterNodes.end(client, resources);
  }
}
