// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The value of a page's key: which write it is, a checksum, and the page. A page of zeros has the
 * header alone, so that a late write of before is told from it.
 *
 * <pre>
 *   0   4  epoch of the lease that it was written by, from 1 on
 *   4   8  how manieth write of that lease it is, below 2^47
 *   12  4  (epoch × 40503 + count) mod 4294967291: whether the first 12 bytes are what was written
 *   16  4  CRC32C of the page's number, 8 bytes; of bytes 0 to 15; and of the page
 *   20     the page
 * </pre>
 *
 * <p>Numbers are big-endian. The check in the middle is for the script at the node, which has no
 * CRC and counts in doubles: a damaged header must not be taken for a newer write.
 */
final class PageValue {
  static final int HEADER_BYTES = 20;

  /** What says which write it is. */
  static final int VERSION_BYTES = 12;

  private static final long FACTOR = 40503;
  private static final long MODULUS = 4294967291L;
  private static final int CHECKED_BYTES = 16;

  private PageValue() {}

  /**
   * Makes one.
   *
   * @param bytes null if all are zeros
   */
  static byte[] of(long page, long epoch, long count, @Nullable MemorySegment bytes) {
    int pageBytes = bytes == null ? 0 : Math.toIntExact(bytes.byteSize());
    byte[] value = new byte[HEADER_BYTES + pageBytes];
    ByteBuffer header = ByteBuffer.wrap(value);
    header.putInt((int) epoch).putLong(count).putInt((int) ((epoch * FACTOR + count) % MODULUS));
    if (bytes != null) {
      MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, 0, value, HEADER_BYTES, pageBytes);
    }
    header.putInt(checksum(page, ByteBuffer.wrap(value)));
    return value;
  }

  /** Whether a value is what was written as this page. */
  static boolean isWhole(ByteBuffer value, long page, int pageBytes) {
    int size = value.remaining();
    return (size == HEADER_BYTES || size == HEADER_BYTES + pageBytes)
        && value.getInt(value.position() + CHECKED_BYTES) == checksum(page, value);
  }

  private static int checksum(long page, ByteBuffer value) {
    CRC32C crc = new CRC32C();
    crc.update(ByteBuffer.allocate(Long.BYTES).putLong(0, page));
    crc.update(value.slice(value.position(), CHECKED_BYTES));
    crc.update(value.slice(value.position() + HEADER_BYTES, value.remaining() - HEADER_BYTES));
    return (int) crc.getValue();
  }

  /** Puts the page of a whole value into memory. */
  static void copy(ByteBuffer value, MemorySegment to) {
    if (value.remaining() == HEADER_BYTES) {
      to.fill((byte) 0);
    } else {
      to.copyFrom(
          MemorySegment.ofBuffer(
              value.slice(value.position() + HEADER_BYTES, value.remaining() - HEADER_BYTES)));
    }
  }
}
