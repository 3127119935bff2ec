// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.pager.store.PageStoreContract;
import dev.memremap.pager.store.StoreGeometry;
import dev.memremap.pager.store.StoreLocation;
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

/** What each kind of store does, in one node of an engine. */
@NeedsServers
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class OneNodeContract extends PageStoreContract {
  private final Engine engine;
  private final boolean ownReads;
  private RunningNode node;
  private RedisClient client;
  private StatefulRedisConnection<byte[], byte[]> behind;
  private int made;

  OneNodeContract(Engine engine, boolean ownReads) {
    this.engine = engine;
    this.ownReads = ownReads;
  }

  @BeforeAll
  void start(@TempDir Path place) throws Exception {
    node = RunningNode.start(engine, place);
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

  /** Netty, which Lettuce needs, makes the JVM warn of it otherwise. */
  @Override
  protected List<String> options() {
    return List.of("--sun-misc-unsafe-memory-access=allow");
  }

  @Override
  protected StoreLocation location() {
    return ValkeyStore.at("valkey://" + node.address())
        .keyPrefix("store-" + made++)
        .ownReads(ownReads);
  }

  @Override
  protected void damage(
      StoreLocation location, StoreGeometry geometry, long page, RandomGenerator random) {
    String prefix = PlaceText.read(location.uri()).prefix();
    byte[] key = new PageKeys(prefix, geometry.pageBytes()).page(page);
    byte[] value = behind.sync().get(key);
    assertThat(value).hasSize(PageValue.HEADER_BYTES + geometry.pageBytes());
    boolean header = random.nextBoolean();
    int at = random.nextInt(header ? PageValue.HEADER_BYTES : value.length);
    value[at] ^= (byte) (1 << random.nextInt(8));
    behind.sync().set(key, value);
  }
}
