// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.pager.store.FileStore;
import dev.memremap.pager.store.StoreGeometry;
import dev.memremap.pager.store.StoreLocation;
import dev.memremap.pager.store.StoreTransferContract;
import dev.memremap.valkey.servers.Engine;
import dev.memremap.valkey.servers.NeedsServers;
import dev.memremap.valkey.servers.RunningNode;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import java.nio.file.Path;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Copies of which one end at least is a node. */
@NeedsServers
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class NodeTransferContract extends StoreTransferContract {
  private RunningNode node;
  private RedisClient client;
  private StatefulRedisConnection<byte[], byte[]> behind;
  private int made;

  @BeforeAll
  void start(@TempDir Path place) throws Exception {
    node = RunningNode.start(Engine.VALKEY, place);
    client = RedisClient.create("redis://" + node.address());
    behind = client.connect(ByteArrayCodec.INSTANCE);
  }

  @AfterAll
  void end() {
    if (client != null) {
      client.shutdown();
    }
    if (node != null) {
      node.close();
    }
  }

  @Override
  protected List<String> options() {
    return List.of("--sun-misc-unsafe-memory-access=allow");
  }

  /** A place of the node; another one at each call. */
  final StoreLocation inNode() {
    return ValkeyStore.at("valkey://" + node.address() + "?prefix=store-" + made++);
  }

  final StoreLocation inFile() {
    return FileStore.at(folder.resolve("file-" + made++));
  }

  final void damageInNode(
      StoreLocation location, StoreGeometry geometry, long page, RandomGenerator random) {
    String prefix = location.uri().getQuery().substring("prefix=".length());
    byte[] key = new PageKeys(prefix, geometry.pageBytes()).page(page);
    byte[] value = behind.sync().get(key);
    assertThat(value).hasSize(PageValue.HEADER_BYTES + geometry.pageBytes());
    value[random.nextInt(value.length)] ^= (byte) (1 << random.nextInt(8));
    behind.sync().set(key, value);
  }

  /** How many keys the node has of a store. */
  final long keys(StoreLocation location) {
    String prefix = location.uri().getQuery().substring("prefix=".length());
    return behind.sync().keys(Attempts.bytes("{" + prefix + "[:}]*")).size();
  }

  /** Ends the lease of a store behind the back of its writer, as time does. */
  final void endLease(StoreLocation location) {
    String prefix = location.uri().getQuery().replaceFirst("prefix=([^&]*).*", "$1");
    behind.sync().del(new PageKeys(prefix, 1).lease());
  }
}
