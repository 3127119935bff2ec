// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.api.async.BaseRedisAsyncCommands;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.resource.ClientResources;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A cluster. Lettuce knows which node has which keys, and follows a node's word that they moved.
 *
 * <p>Thread safety: Lettuce's connections are safe for many threads; the one that sets {@code
 * lookedAt} sets {@code looking}.
 */
final class ClusterNodes implements Nodes {
  private static final Duration LOOKS_EACH = Duration.ofSeconds(1);
  private static final Duration LOOKS_AT_MOST_EACH = Duration.ofMillis(100);
  private static final Duration END_WITHIN = Duration.ofSeconds(2);
  private static final Set<String> NOT_PROMOTED = Set.of("fail", "noaddr", "handshake");
  private static final int FLAGS = 2;
  private static final String NOWHERE = "no node";

  private final ClientResources resources;
  private final RedisClusterClient client;
  private final StatefulRedisClusterConnection<byte[], byte[]> pages;
  private final AtomicLong lookedAt = new AtomicLong(System.nanoTime());
  private volatile CompletableFuture<?> looking = CompletableFuture.completedFuture(null);

  private ClusterNodes(
      ClientResources resources,
      RedisClusterClient client,
      StatefulRedisClusterConnection<byte[], byte[]> pages) {
    this.resources = resources;
    this.client = client;
    this.pages = pages;
  }

  static ClusterNodes connect(NodeOptions options) {
    ClientResources resources = options.resources();
    RedisClusterClient client =
        RedisClusterClient.create(
            resources, options.place().hosts().stream().map(options::uri).toList());
    try {
      client.setOptions(clusterOptions(options, true));
      ClusterNodes connected =
          new ClusterNodes(resources, client, client.connect(ByteArrayCodec.INSTANCE));
      client.setOptions(clusterOptions(options, false));
      return connected;
    } catch (RuntimeException | Error e) {
      end(client, resources);
      throw e;
    }
  }

  private static ClusterClientOptions clusterOptions(NodeOptions options, boolean isFirst) {
    ClusterClientOptions.Builder filled = options.filled(ClusterClientOptions.builder(), isFirst);
    return filled
        .topologyRefreshOptions(
            ClusterTopologyRefreshOptions.builder()
                .enablePeriodicRefresh(LOOKS_EACH)
                .enableAllAdaptiveRefreshTriggers()
                .adaptiveRefreshTriggersTimeout(LOOKS_AT_MOST_EACH)
                .build())
        .build();
  }

  /** Ends a client and its threads; they may end a little later. */
  @SuppressWarnings("FutureReturnValueIgnored")
  static void end(AbstractRedisClient client, ClientResources resources) {
    long most = END_WITHIN.toMillis();
    client.shutdown(0, most, TimeUnit.MILLISECONDS);
    resources.shutdown(0, most, TimeUnit.MILLISECONDS);
  }

  @Override
  public BaseRedisAsyncCommands<byte[], byte[]> byKey() {
    return pages.async();
  }

  /** The connection of a node by its name is another one than that which has its keys. */
  @Override
  public CompletionStage<Node> ownerOf(byte[] key) {
    RedisClusterNode master = master(key);
    return pages
        .getConnectionAsync(master.getNodeId())
        .thenApply(connected -> node(master, connected.async()));
  }

  @Override
  public String nameOf(byte[] key) {
    RedisClusterNode master = client.getPartitions().getMasterBySlot(SlotHash.getSlot(key));
    return master == null ? NOWHERE : name(master);
  }

  private static String name(RedisClusterNode node) {
    return host(node).toString();
  }

  private static Place.Host host(RedisClusterNode node) {
    return new Place.Host(node.getUri().getHost(), node.getUri().getPort());
  }

  private static Node node(RedisClusterNode master, RedisAsyncCommands<byte[], byte[]> commands) {
    return new Node(
        name(master),
        commands,
        () -> commands.clusterReplicas(master.getNodeId()).thenApply(ClusterNodes::promotable));
  }

  private RedisClusterNode master(byte[] key) {
    int slot = SlotHash.getSlot(key);
    RedisClusterNode master = client.getPartitions().getMasterBySlot(slot);
    if (master == null) {
      throw new RedisConnectionException("no node has slot " + slot);
    }
    return master;
  }

  @Override
  public Place.Host where(byte[] key) {
    return host(master(key));
  }

  @Override
  public Map<String, String> masters() {
    Map<String, String> masters = new TreeMap<>();
    for (RedisClusterNode each : client.getPartitions()) {
      if (each.is(RedisClusterNode.NodeFlag.UPSTREAM) && !each.getSlots().isEmpty()) {
        masters.put(name(each), ranges(each.getSlots()));
      }
    }
    return masters;
  }

  /** Slots that lie beside each other as one. */
  static String ranges(List<Integer> slots) {
    List<String> ranges = new ArrayList<>();
    List<Integer> sorted = slots.stream().sorted().toList();
    int from = 0;
    for (int i = 1; i <= sorted.size(); i++) {
      if (i == sorted.size() || sorted.get(i) != sorted.get(i - 1) + 1) {
        int first = sorted.get(from);
        int last = sorted.get(i - 1);
        ranges.add(first == last ? "" + first : first + "-" + last);
        from = i;
      }
    }
    return String.join(" ", ranges);
  }

  @Override
  public CompletionStage<String> info(String master, String section) {
    try {
      for (RedisClusterNode each : client.getPartitions()) {
        if (name(each).equals(master)) {
          return pages
              .getConnectionAsync(each.getNodeId())
              .thenCompose(connection -> connection.async().info(section));
        }
      }
    } catch (RedisException e) {
      return CompletableFuture.failedStage(e);
    }
    return CompletableFuture.failedStage(new RedisConnectionException("no master is " + master));
  }

  private static int promotable(List<String> replicas) {
    int count = 0;
    for (String line : replicas) {
      String[] words = line.split(" ", FLAGS + 2);
      List<String> flags = words.length > FLAGS ? List.of(words[FLAGS].split(",")) : List.of();
      if (flags.stream().noneMatch(NOT_PROMOTED::contains)) {
        count++;
      }
    }
    return count;
  }

  /** One thread at a time; each look opens connections to all nodes. */
  @Override
  public void lookAgain() {
    long now = System.nanoTime();
    long before = lookedAt.get();
    if (now - before >= LOOKS_AT_MOST_EACH.toNanos()
        && looking.isDone()
        && lookedAt.compareAndSet(before, now)) {
      looking = client.refreshPartitionsAsync().toCompletableFuture();
    }
  }

  @Override
  public void close() {
    end(client, resources);
  }
}
