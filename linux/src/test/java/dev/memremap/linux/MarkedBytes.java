// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Bytes that tell where they lie: each aligned word of eight holds its own address, and the mark of
 * its memory on top. What is read at a wrong offset, or in another file, so names the place that it
 * was read from.
 *
 * <p>Thread safety: immutable.
 *
 * @param mark 1 to 255
 */
record MarkedBytes(int mark) {
  private static final int MARK_SHIFT = 56;

  private byte at(long address) {
    long word = (address & -8) | (long) mark << MARK_SHIFT;
    return (byte) (word >>> 8 * (address & 7));
  }

  /** The bytes of a range. */
  byte[] of(long address, long length) {
    byte[] bytes = new byte[Math.toIntExact(length)];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = at(address + i);
    }
    return bytes;
  }

  /** Stores the bytes of a range in a file, which is made if it is not there. */
  void storeIn(Path file, long offset, long address, long length) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      try (FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        channel.write(ByteBuffer.wrap(of(address, length)), offset);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where a segment that begins at an address really leads, for a message. */
  static String place(MemorySegment segment, long address) {
    long first = -address & 7;
    if (first + 8 > segment.byteSize()) {
      return "bytes too few to tell where they lie";
    }
    ValueLayout.OfLong words = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    long word = segment.get(words, first);
    long tells = word & (1L << MARK_SHIFT) - 1;
    return "bytes at 0x%x of memory %d".formatted(tells - first, word >>> MARK_SHIFT);
  }
}
