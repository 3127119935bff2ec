// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

import dev.memremap.resource.PhysRange;
import java.util.Objects;

/**
 * A range as a driver fills it in, right or wrong: {@code struct range}. Mapping checks it, and
 * answers each mistake with its own error.
 *
 * @param start the first byte's physical address, unsigned
 * @param sizeBytes in bytes, unsigned; mapping refuses 0, and a size that wraps around, with {@code
 *     EINVAL}
 */
public record PagemapRange(long start, long sizeBytes) {

  /**
   * Returns this range of bytes; of the whole 64-bit address space all but the last byte, since its
   * size must fit 64 bits.
   */
  public static PagemapRange of(PhysRange range) {
    long start = Objects.requireNonNull(range, "range").start();
    return new PagemapRange(start, range.sizeBytes() == 0 ? -1 : range.sizeBytes());
  }

  /** Returns the last byte's physical address, as the kernel computes it. */
  public long endInclusive() {
    return start + sizeBytes - 1;
  }

  /** Returns whether it holds no byte: its size is 0, or it ends before it starts. */
  public boolean isEmpty() {
    return sizeBytes == 0 || Long.compareUnsigned(endInclusive(), start) < 0;
  }

  /**
   * Returns the whole pages that hold it; it must not be empty.
   *
   * @param pageBytes the machine's page size, a power of two
   * @throws IllegalArgumentException if it is empty, or the page size is not a power of two
   */
  public PhysRange pages(long pageBytes) {
    return new PhysRange(start, endInclusive()).roundOutTo(pageBytes);
  }

  /** Returns {@code 0x40000000-0x4fffffff}, or what is wrong with it. */
  @Override
  public String toString() {
    return isEmpty()
        ? "0x%x+0x%x".formatted(start, sizeBytes)
        : "0x%x-0x%x".formatted(start, endInclusive());
  }
}
