// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

import dev.memremap.resource.PhysRange;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The page structures of one page map's life.
 *
 * <pre>
 *   a page's word: | life: 30 bits | flags: 2 bits | count, less that of a fresh page: 32 bits |
 *   its data:      | the driver's word: 64 bits |
 *
 *   a block of 512, compact:           512 words | 512 data
 *   in the kernel's geometry:          512 × ( word | data | 48 bytes unused )
 * </pre>
 *
 * <p>Words are cleared, and given the number of this life, when the first of their block is
 * written; data likewise. What was never written is neither read nor cleared, so a map of a
 * terabyte costs nothing but a bit for each block once one is, and who uses counts alone pays for
 * no data. Structures lie in the machine's {@link Vmemmap}, or in the altmap's part of the device's
 * own memory (AM-3).
 *
 * <p>A word of another life reads as a fresh page's, and no change to it succeeds: so a holder of a
 * page can put it without first taking the map ({@link #putAnother}).
 *
 * <p>Thread safety: blocks are cleared, and {@code altmapPages} is made, under this object's lock;
 * the latter is published by a volatile write, the former by {@link TouchedBlocks}. Words are
 * changed by compare-and-set alone.
 */
final class Memmap {
  private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
  private static final int LIFE_SHIFT = 34;
  private static final long COUNT_MASK = 0xffff_ffffL;

  /** Set when a page is reserved no longer: fresh pages of a device are. */
  static final long NOT_RESERVED = 1L << 32;

  /** {@code PG_hwpoison}. */
  static final long POISONED = 1L << 33;

  private final Vmemmap vmemmap;
  private final MemmapGeometry geometry;
  private final PagemapLife life;
  private final @Nullable AltmapShare share;
  private final long freshWord;
  private final int freshCount;
  private final TouchedBlocks words;
  private final TouchedBlocks data;
  private volatile @Nullable MemorySegment altmapPages;

  Memmap(Vmemmap vmemmap, MemmapGeometry geometry, PagemapLife life, @Nullable AltmapShare share) {
    this.vmemmap = vmemmap;
    this.geometry = geometry;
    this.life = life;
    this.share = share;
    this.freshWord = (long) vmemmap.nextLife() << LIFE_SHIFT;
    this.freshCount = life.type().freshCount();
    long blocks = pages() / Subsection.PAGES;
    this.words = new TouchedBlocks(blocks);
    this.data = new TouchedBlocks(blocks);
  }

  /** How many bytes the structures take when all are touched. */
  long sizeBytes() {
    return geometry.entryBytes() * pages();
  }

  private long pages() {
    return life.ranges().stream().mapToLong(LiveRange::pages).sum();
  }

  @Nullable AltmapShare share() {
    return share;
  }

  // ---- counts ------------------------------------------------------------------------------

  /** A page's count. */
  int count(LiveRange range, long pfn) {
    return fresh(range, pfn) + (int) word(range, pfn);
  }

  /** Sets a page's count if it is what was expected. */
  boolean compareAndSetCount(LiveRange range, long pfn, int expected, int count) {
    clearWords(range, pfn);
    int fresh = fresh(range, pfn);
    while (true) {
      long word = read(pfn);
      if ((int) word != expected - fresh || !isOurs(word)) {
        return false;
      }
      if (change(pfn, word, withCount(word, count - fresh))) {
        return true;
      }
    }
  }

  /**
   * Adds 1 or -1 to a page's count, unless that is zero, or as high as it can count.
   *
   * @return the count before; 0 if nothing was added
   */
  int addUnlessZero(LiveRange range, long pfn, int n) {
    int fresh = fresh(range, pfn);
    long block = range.blockOf(pfn);
    if (!words.has(block)) {
      if (fresh == 0) {
        return 0;
      }
      clearWords(range, pfn);
    }
    MemorySegment pages = segment(pfn);
    long offset = offset(pfn);
    while (true) {
      long word = (long) LONG.getVolatile(pages, offset);
      int count = fresh + (int) word;
      if (count == 0 || (n > 0 && count == Integer.MAX_VALUE) || !isOurs(word)) {
        return 0;
      }
      if (LONG.weakCompareAndSet(pages, offset, word, withCount(word, (int) word + n))) {
        return count;
      }
    }
  }

  /**
   * Takes 1 off a page's count if that leaves another holder's: then the page is not freed, and
   * since each count beyond a fresh page's holds the map, the caller has one reference of it to
   * give back. The caller need not hold the map: a word that is this life's and counts two or more
   * is proof that somebody does, until the count is gone.
   *
   * @return whether it was taken off
   */
  boolean putAnother(LiveRange range, long pfn) {
    if (!words.has(range.blockOf(pfn)) || !isWithinReach(pfn)) {
      return false;
    }
    int fresh = fresh(range, pfn);
    MemorySegment pages = segment(pfn);
    long offset = offset(pfn);
    while (true) {
      long word = (long) LONG.getVolatile(pages, offset);
      if (fresh + (int) word < 2 || !isOurs(word)) {
        return false;
      }
      if (LONG.weakCompareAndSet(pages, offset, word, withCount(word, (int) word - 1))) {
        return true;
      }
    }
  }

  /** C-5: tails of compound pages count nothing. */
  private int fresh(LiveRange range, long pfn) {
    return freshCount != 0 && range.headOf(pfn) == pfn ? freshCount : 0;
  }

  private static long withCount(long word, int stored) {
    return (word & ~COUNT_MASK) | (stored & COUNT_MASK);
  }

  // ---- flags and data ----------------------------------------------------------------------

  /** Whether a page has a flag. */
  boolean has(LiveRange range, long pfn, long flag) {
    return (word(range, pfn) & flag) != 0;
  }

  /** Sets or unsets a flag. */
  void flag(LiveRange range, long pfn, long flag, boolean set) {
    clearWords(range, pfn);
    long word;
    do {
      word = read(pfn);
    } while (isOurs(word) && !change(pfn, word, set ? word | flag : word & ~flag));
  }

  long data(LiveRange range, long pfn) {
    return data.has(range.blockOf(pfn))
        ? (long) LONG.getVolatile(segment(pfn), dataOffset(pfn))
        : 0;
  }

  void data(LiveRange range, long pfn, long value) {
    if (!data.has(range.blockOf(pfn))) {
      clear(data, range, pfn, geometry.dataDistance(), 0);
    }
    LONG.setVolatile(segment(pfn), dataOffset(pfn), value);
  }

  // ---- words -------------------------------------------------------------------------------

  /** A page's word; a fresh one if it was never written in this life, or is another life's. */
  private long word(LiveRange range, long pfn) {
    if (!words.has(range.blockOf(pfn))) {
      return freshWord;
    }
    long word = read(pfn);
    return isOurs(word) ? word : freshWord;
  }

  private long read(long pfn) {
    return (long) LONG.getVolatile(segment(pfn), offset(pfn));
  }

  private boolean change(long pfn, long expected, long word) {
    return LONG.weakCompareAndSet(segment(pfn), offset(pfn), expected, word);
  }

  private boolean isOurs(long word) {
    return (word ^ freshWord) >>> LIFE_SHIFT == 0;
  }

  private void clearWords(LiveRange range, long pfn) {
    if (!words.has(range.blockOf(pfn))) {
      clear(words, range, pfn, 0, freshWord);
    }
  }

  private synchronized void clear(
      TouchedBlocks touched, LiveRange range, long pfn, long distance, long value) {
    long block = range.blockOf(pfn);
    if (touched.has(block)) {
      return;
    }
    long first = pfn & -Subsection.PAGES;
    MemorySegment pages = segment(first);
    long from = offset(first) + distance;
    for (long page = 0; page < Subsection.PAGES; page++) {
      pages.set(ValueLayout.JAVA_LONG, from + page * geometry.wordStride(), value);
    }
    touched.add(block);
  }

  // ---- where they lie ----------------------------------------------------------------------

  private MemorySegment segment(long pfn) {
    AltmapShare inAltmap = share;
    return inAltmap != null && inAltmap.holds(pfn) ? altmapPages(inAltmap) : vmemmap.window(pfn);
  }

  /** Where in its segment a page's word lies. */
  private long offset(long pfn) {
    AltmapShare inAltmap = share;
    return inAltmap != null && inAltmap.holds(pfn)
        ? geometry.offset(pfn - inAltmap.firstPfn())
        : vmemmap.offset(pfn);
  }

  private long dataOffset(long pfn) {
    return offset(pfn) + geometry.dataDistance();
  }

  /** Whether the structure stays mapped whatever becomes of the map: those in a device do not. */
  private boolean isWithinReach(long pfn) {
    AltmapShare inAltmap = share;
    return inAltmap == null || !inAltmap.holds(pfn);
  }

  private MemorySegment altmapPages(AltmapShare inAltmap) {
    MemorySegment pages = altmapPages;
    return pages == null ? mapAltmapPages(inAltmap) : pages;
  }

  private synchronized MemorySegment mapAltmapPages(AltmapShare inAltmap) {
    MemorySegment pages = altmapPages;
    if (pages == null) {
      pages =
          life.mapMore(PhysRange.ofPfns(inAltmap.atPfn(), inAltmap.atPfn() + inAltmap.pages() - 1));
      altmapPages = pages;
    }
    return pages;
  }
}
