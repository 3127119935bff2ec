// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import dev.memremap.cache.CacheMode;
import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.page.MemoryType;
import dev.memremap.resource.PhysRange;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * A range of a page map as it was carried out.
 *
 * @param geometry what the machine counts in
 * @param range whole subsections
 * @param mode the cache mode it was given
 * @param firstUsablePfn the first page with a structure of its own: after the altmap's share
 * @param shift log2 of a compound page in pages
 * @param firstBlock how many blocks of page structures, one a subsection, the ranges before it have
 */
public record LiveRange(
    PageGeometry geometry,
    PhysRange range,
    CacheMode mode,
    long firstUsablePfn,
    int shift,
    long firstBlock) {

  public long firstPfn() {
    return geometry.firstPfn(range);
  }

  public long lastPfn() {
    return geometry.lastPfn(range);
  }

  public boolean contains(long pfn) {
    return firstPfn() <= pfn && pfn <= lastPfn();
  }

  public long pages() {
    return lastPfn() - firstPfn() + 1;
  }

  public long usablePages() {
    return lastPfn() + 1 - firstUsablePfn;
  }

  /** How many references the map holds for the pages (C-5, CG-1). */
  public long references() {
    return usablePages() >> shift;
  }

  /** The number of a page's block of structures among those of all ranges. */
  public long blockOf(long pfn) {
    return firstBlock + ((pfn - firstPfn()) >>> geometry.subsectionOrder());
  }

  /** The first page of the compound page that a usable page belongs to. */
  public long headOf(long pfn) {
    return firstUsablePfn + (((pfn - firstUsablePfn) >> shift) << shift);
  }

  /**
   * The mode that the next range of a map asks for: its type's, or what the range before it was
   * given, since the kernel keeps the changed {@code pgprot} (MT-10).
   *
   * @param before the ranges before it
   */
  static CacheMode askedMode(MemoryType type, List<LiveRange> before) {
    return before.isEmpty() ? type.askedMode() : before.getLast().mode();
  }

  /**
   * A figure of all ranges together. A loop and no stream: a map is made once as a rule, in code
   * that is not compiled yet.
   */
  static long sum(List<LiveRange> ranges, ToLongFunction<LiveRange> figure) {
    long total = 0;
    for (LiveRange range : ranges) {
      total += figure.applyAsLong(range);
    }
    return total;
  }
}
