// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.CommandOutput;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Puts the values of a part's fence and of pages into memory, as they come, until it is told to
 * leave the memory alone: an answer may come when nothing waits for it any more.
 *
 * <p>Thread safety: {@code this} guards the memory and what is known of it. Lettuce's thread fills
 * it; the one that asked looks when the answer is complete.
 */
final class PagesOutput extends CommandOutput<byte[], byte[], Boolean> {
  private static final int FENCE = -1;

  private final long first;
  private final int count;
  private final int pageBytes;
  private final MemorySegment room;
  private int at = FENCE;
  private long fence;
  private long damaged = -1;
  private boolean isLeft;

  PagesOutput(long first, int count, int pageBytes, MemorySegment room) {
    super(ByteArrayCodec.INSTANCE, false);
    this.first = first;
    this.count = count;
    this.pageBytes = pageBytes;
    this.room = room;
  }

  /** From now on nothing is put into the memory. */
  synchronized void leave() {
    isLeft = true;
  }

  /** The epoch of the part's fence; 0 if it has none. */
  synchronized long fence() {
    return fence;
  }

  /** The first page that is not what was written; negative if all are. */
  synchronized long damaged() {
    return damaged;
  }

  /** Whether all of it came. */
  synchronized boolean isWhole() {
    return at == count;
  }

  /** An answer begins, perhaps a second time after a connection was lost. */
  @Override
  public synchronized void multi(int parts) {
    at = FENCE;
    fence = 0;
    damaged = -1;
  }

  @Override
  @SuppressWarnings("NullAway") // null stands for a key that is not there
  public synchronized void set(ByteBuffer bytes) {
    int index = at++;
    if (isLeft || index >= count) {
      return;
    }
    if (index == FENCE) {
      fence = bytes == null ? 0 : number(bytes);
      output = true;
      return;
    }
    MemorySegment to = room.asSlice((long) index * pageBytes, pageBytes);
    if (bytes == null) {
      to.fill((byte) 0);
    } else if (PageValue.isWhole(bytes, first + index, pageBytes)) {
      PageValue.copy(bytes, to);
    } else if (damaged < 0) {
      damaged = first + index;
    }
  }

  private static long number(ByteBuffer bytes) {
    try {
      return Long.parseLong(StandardCharsets.US_ASCII.decode(bytes.slice()).toString());
    } catch (NumberFormatException e) {
      return 0; // damaged: it is written anew
    }
  }
}
