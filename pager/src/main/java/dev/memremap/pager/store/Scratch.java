// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What a thread needs again and again to read and write pages, so that a read makes no garbage.
 *
 * <p>Thread safety: each thread has its own.
 */
final class Scratch {
  /** How many records, and with them pages, are written at once. */
  static final int RECORDS = 512;

  private static final ThreadLocal<Scratch> MINE = ThreadLocal.withInitial(Scratch::new);

  final PageRecord record = new PageRecord();
  final byte[] slots = new byte[RECORDS];

  /** Native, for system calls. */
  final MemorySegment records = Arena.ofAuto().allocate((long) RECORDS * StoreLayout.RECORD_BYTES);

  /** Native, for the system's answers whether pages are in memory. */
  final MemorySegment answers = Arena.ofAuto().allocate(RECORDS);

  private int[] checksums = new int[RECORDS];
  private final CRC32C crc = new CRC32C();
  private @Nullable MemorySegment seen;
  private @Nullable ByteBuffer seenAsBuffer;

  private Scratch() {}

  static Scratch mine() {
    return MINE.get();
  }

  /** Room for this many checksums. */
  int[] checksums(int count) {
    if (checksums.length < count) {
      checksums = new int[count];
    }
    return checksums;
  }

  /** The CRC32C of a page within native memory. It makes no garbage for memory it saw last. */
  int checksum(MemorySegment memory, long offset, int pageBytes) {
    ByteBuffer buffer;
    int from;
    if (memory.byteSize() > Integer.MAX_VALUE) {
      buffer = memory.asSlice(offset, pageBytes).asByteBuffer();
      from = 0;
    } else {
      buffer = buffer(memory);
      from = (int) offset;
    }
    buffer.limit(from + pageBytes).position(from);
    crc.reset();
    crc.update(buffer);
    return (int) crc.getValue();
  }

  /** An equal segment may be of another arena, which is still open when this one's is closed. */
  @SuppressWarnings({"ReferenceEquality", "MemorySegmentReferenceEquality"})
  private ByteBuffer buffer(MemorySegment memory) {
    ByteBuffer known = seenAsBuffer;
    if (memory != seen || known == null) {
      known = memory.asByteBuffer();
      seen = memory;
      seenAsBuffer = known;
    }
    return known;
  }
}
