// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.pager.store.FileStore;
import dev.memremap.pager.store.StoreGeometry;
import dev.memremap.pager.store.StoreLocation;
import dev.memremap.pager.store.StoreTransferContract;
import dev.memremap.valkey.servers.Engine;
import dev.memremap.valkey.servers.NeedsServers;
import dev.memremap.valkey.servers.RunningCluster;
import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import java.nio.file.Path;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Copies from file to a cluster of three masters, whose pages lie at all of them. */
@NeedsServers
@Tag("thorough")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TransferToClusterTest extends StoreTransferContract {
  private RunningCluster cluster;
  private RedisClusterClient client;
  private StatefulRedisClusterConnection<byte[], byte[]> behind;
  private int made;

  @BeforeAll
  void start(@TempDir Path place) throws Exception {
    cluster = RunningCluster.start(Engine.VALKEY, place);
    client =
        RedisClusterClient.create(
            RedisURI.create("redis://" + cluster.masters().getFirst().address()));
    behind = client.connect(ByteArrayCodec.INSTANCE);
  }

  @AfterAll
  void end() {
    if (client != null) {
      client.shutdown();
    }
    if (cluster != null) {
      cluster.close();
    }
  }

  @Override
  protected List<String> options() {
    return List.of("--sun-misc-unsafe-memory-access=allow");
  }

  @Override
  protected StoreLocation source() {
    return FileStore.at(folder.resolve("file-" + made++));
  }

  @Override
  protected StoreLocation target() {
    return ValkeyStore.at("valkey://" + cluster.hosts() + "?prefix=store-" + made++);
  }

  @Override
  protected void damage(
      StoreLocation location, StoreGeometry geometry, long page, RandomGenerator random) {
    String prefix = location.uri().getQuery().substring("prefix=".length());
    byte[] key = new PageKeys(prefix, geometry.pageBytes()).page(page);
    byte[] value = behind.sync().get(key);
    assertThat(value).hasSize(PageValue.HEADER_BYTES + geometry.pageBytes());
    value[random.nextInt(value.length)] ^= (byte) (1 << random.nextInt(8));
    behind.sync().set(key, value);
  }
}
