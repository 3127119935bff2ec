// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

import dev.memremap.internal.pages.Subsection;
import dev.memremap.resource.PhysRange;

/**
 * A range as a driver fills it in, right or wrong: {@code struct range}. Which ones a page map can
 * have is decided when it is mapped, each wrong one with an error of its own.
 *
 * @param start the first byte's physical address, unsigned
 * @param sizeBytes in bytes, unsigned; 0 and sizes that wrap around are answered {@code EINVAL}
 */
public record PagemapRange(long start, long sizeBytes) {

  /** This range of bytes. */
  public static PagemapRange of(PhysRange range) {
    return new PagemapRange(range.start(), range.sizeBytes());
  }

  /** The last byte's physical address, as the kernel computes it. */
  public long endInclusive() {
    return start + sizeBytes - 1;
  }

  /** Whether it holds no byte: its size is 0, or it ends before it starts. */
  public boolean isEmpty() {
    return sizeBytes == 0 || Long.compareUnsigned(endInclusive(), start) < 0;
  }

  /** The number of the page that holds the first byte. */
  public long firstPfn() {
    return start >>> Subsection.PAGE_SHIFT;
  }

  /** The number of the page that holds the last byte. */
  public long lastPfn() {
    return endInclusive() >>> Subsection.PAGE_SHIFT;
  }

  /** The pages that hold it; it must not be empty. */
  public PhysRange pages() {
    return PhysRange.ofPfns(firstPfn(), lastPfn());
  }

  /** {@code 0x40000000-0x4fffffff}, or what is wrong with it. */
  @Override
  public String toString() {
    return isEmpty()
        ? "0x%x+0x%x".formatted(start, sizeBytes)
        : "0x%x-0x%x".formatted(start, endInclusive());
  }
}
