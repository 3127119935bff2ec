// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import dev.memremap.pager.store.StoreException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What is asked for at once: the value of a part's fence, and behind it those of pages. They are
 * checked and put into memory as they come, by whatever way.
 *
 * <p>Thread safety: one thread's at a time.
 */
final class PageValues {
  private static final int FENCE = -1;
  private static final int TEN = 10;
  private static final long MOST = Long.MAX_VALUE / TEN - 1;

  private final long first;
  private final int count;
  private final int pageBytes;
  private final MemorySegment room;
  private int at = FENCE;
  private long fence;
  private long damaged = -1;

  /**
   * Values that are still to come.
   *
   * @param first the number of the first page
   * @param room where the pages go
   */
  PageValues(long first, int count, int pageBytes, MemorySegment room) {
    this.first = first;
    this.count = count;
    this.pageBytes = pageBytes;
    this.room = room;
  }

  /** An answer begins, perhaps a second time after a connection was lost. */
  void begin() {
    at = FENCE;
    fence = 0;
    damaged = -1;
  }

  /** How many values an answer has. */
  int expected() {
    return count + 1;
  }

  /** How many bytes the next value has at most, if it is one of ours. */
  int mostBytes() {
    return at == FENCE
        ? Long.toString(Long.MAX_VALUE).length()
        : PageValue.HEADER_BYTES + pageBytes;
  }

  /**
   * Takes the next value.
   *
   * @param bytes null if the node does not have the key
   */
  void next(@Nullable ByteBuffer bytes) {
    int index = at++;
    if (index >= count) {
      return;
    }
    if (index == FENCE) {
      fence = bytes == null ? 0 : number(bytes);
      return;
    }
    MemorySegment to = count == 1 ? room : room.asSlice((long) index * pageBytes, pageBytes);
    if (bytes == null) {
      to.fill((byte) 0);
    } else if (PageValue.isWhole(bytes, first + index, pageBytes)) {
      PageValue.copy(bytes, to);
    } else if (damaged < 0) {
      damaged = first + index;
    }
  }

  /** A number as nodes have it; 0 if it is damaged, and then it is written anew. */
  private static long number(ByteBuffer bytes) {
    long number = 0;
    for (int i = bytes.position(); i < bytes.limit(); i++) {
      int digit = bytes.get(i) - '0';
      if (digit < 0 || digit >= TEN || number > MOST) {
        return 0;
      }
      number = number * TEN + digit;
    }
    return number;
  }

  /**
   * Returns the epoch of the part's fence, 0 if it has none, when all values have come.
   *
   * @param place for the sentence
   * @throws StoreException if a page is not what was written
   */
  long whole(Place place) throws StoreException {
    if (at != count) {
      throw new IllegalStateException("an answer ended early: " + place);
    }
    if (damaged >= 0) {
      throw StoreException.ofPage(
          StoreException.Kind.DAMAGED,
          damaged,
          "%s: page %d is not what was written; write the page anew, or take it from a copy, and look at the node's memory"
              .formatted(place, damaged),
          null);
    }
    return fence;
  }
}
