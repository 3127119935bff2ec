// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.pager;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.CommandOutput;
import io.lettuce.core.protocol.AsyncCommand;
import io.lettuce.core.protocol.Command;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The peer of reading ahead: a GET for each page, by Lettuce, all sent together. It checks nothing,
 * and puts each page where it belongs as it comes.
 *
 * <p>Thread safety: one thread's; Lettuce's thread fills the memory before the answers are known.
 */
final class PipelinedGets implements AutoCloseable {
  private static final int PAGE = 4096;
  private static final int HEADER = 20;
  private static final int PER_PART = (1 << 20) / PAGE;
  private static final int PATIENCE_SECONDS = 60;

  private final RedisClient client;
  private final StatefulRedisConnection<byte[], byte[]> connection;
  private final byte[][] keys;

  private PipelinedGets(
      RedisClient client, StatefulRedisConnection<byte[], byte[]> connection, byte[][] keys) {
    this.client = client;
    this.connection = connection;
    this.keys = keys;
  }

  static PipelinedGets connect(int port, String prefix, int pages) {
    byte[][] keys = new byte[pages][];
    for (int page = 0; page < pages; page++) {
      String key = "{%s:%x}%x".formatted(prefix, page / PER_PART, page % PER_PART);
      keys[page] = key.getBytes(StandardCharsets.US_ASCII);
    }
    RedisClient client = RedisClient.create("redis://127.0.0.1:" + port);
    return new PipelinedGets(client, client.connect(ByteArrayCodec.INSTANCE), keys);
  }

  /** Puts a page into memory. */
  private static final class Page extends CommandOutput<byte[], byte[], Boolean> {
    private final MemorySegment to;

    Page(MemorySegment to) {
      super(ByteArrayCodec.INSTANCE, false);
      this.to = to;
    }

    @Override
    public void set(ByteBuffer bytes) {
      to.copyFrom(MemorySegment.ofBuffer(bytes.slice(bytes.position() + HEADER, PAGE)));
      output = true;
    }
  }

  /** Reads pages from that one on. */
  void read(long first, MemorySegment room) throws Exception {
    List<AsyncCommand<byte[], byte[], Boolean>> all = new ArrayList<>();
    for (int i = 0; i < Reads.AT_ONCE; i++) {
      all.add(
          new AsyncCommand<>(
              new Command<>(
                  CommandType.GET,
                  new Page(room.asSlice((long) i * PAGE, PAGE)),
                  new CommandArgs<>(ByteArrayCodec.INSTANCE).addKey(keys[(int) first + i]))));
    }
    connection.dispatch(all);
    for (RedisFuture<Boolean> each : all) {
      if (!each.get(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new AssertionError("a page is missing");
      }
    }
  }

  @Override
  public void close() {
    connection.close();
    client.shutdown(0, 1, TimeUnit.SECONDS);
  }
}
