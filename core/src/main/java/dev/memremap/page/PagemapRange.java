// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

import dev.memremap.resource.PhysRange;
import java.util.Objects;

/**
 * A range as a driver fills it in, right or wrong: {@code struct range}. Which ones a page map can
 * have is decided when it is mapped, each wrong one with an error of its own.
 *
 * @param start the first byte's physical address, unsigned
 * @param sizeBytes in bytes, unsigned; 0 and sizes that wrap around are answered {@code EINVAL}
 */
public record PagemapRange(long start, long sizeBytes) {

  /** This range of bytes; of the whole address space all but the last, whose size has 64 bits. */
  public static PagemapRange of(PhysRange range) {
    long start = Objects.requireNonNull(range, "range").start();
    return new PagemapRange(start, range.sizeBytes() == 0 ? -1 : range.sizeBytes());
  }

  /** The last byte's physical address, as the kernel computes it. */
  public long endInclusive() {
    return start + sizeBytes - 1;
  }

  /** Whether it holds no byte: its size is 0, or it ends before it starts. */
  public boolean isEmpty() {
    return sizeBytes == 0 || Long.compareUnsigned(endInclusive(), start) < 0;
  }

  /**
   * The whole pages that hold it; it must not be empty.
   *
   * @param pageBytes the machine's page size, a power of two
   * @throws IllegalArgumentException if it is empty, or the page size is not a power of two
   */
  public PhysRange pages(long pageBytes) {
    return new PhysRange(start, endInclusive()).roundOutTo(pageBytes);
  }

  /** {@code 0x40000000-0x4fffffff}, or what is wrong with it. */
  @Override
  public String toString() {
    return isEmpty()
        ? "0x%x+0x%x".formatted(start, sizeBytes)
        : "0x%x-0x%x".formatted(start, endInclusive());
  }
}
