// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

import dev.memremap.resource.PhysRange;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * The page structures of one page map's life.
 *
 * <pre>
 *   a structure:  | count, less that of a fresh page: 32 bits | flags: 32 bits | data: 64 bits |
 *                 | … 48 bytes unused in the kernel's geometry |
 * </pre>
 *
 * <p>All zero is a fresh page. Structures come in blocks of 512, which are cleared when the first
 * of them is written; a block that was never written is neither read nor cleared, so a map of a
 * terabyte costs nothing but a bit for each block once one is. They lie in the machine's {@link
 * Vmemmap}, or in the altmap's part of the device's own memory (AM-3).
 *
 * <p>Thread safety: {@code ready} and {@code altmapPages} are made under this object's lock and
 * published by a volatile write; a bit of {@code ready} is set, with release semantics, after its
 * block was cleared, and never unset. Structures are changed by compare-and-set alone.
 */
final class Memmap {
  private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();
  private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
  private static final long COUNT = 0;
  private static final long FLAGS = 4;
  private static final long DATA = 8;

  /** Set when a page is reserved no longer: fresh pages of a device are. */
  static final int NOT_RESERVED = 1;

  /** {@code PG_hwpoison}. */
  static final int POISONED = 2;

  private final Vmemmap vmemmap;
  private final MemmapGeometry geometry;
  private final PagemapLife life;
  private final @Nullable AltmapShare share;
  private volatile @Nullable AtomicLongArray ready;
  private volatile @Nullable MemorySegment altmapPages;

  Memmap(Vmemmap vmemmap, MemmapGeometry geometry, PagemapLife life, @Nullable AltmapShare share) {
    this.vmemmap = vmemmap;
    this.geometry = geometry;
    this.life = life;
    this.share = share;
  }

  /** How many bytes the structures take when all are touched. */
  long sizeBytes() {
    return geometry.entryBytes() * life.ranges().stream().mapToLong(LiveRange::pages).sum();
  }

  @Nullable AltmapShare share() {
    return share;
  }

  // ---- counts ------------------------------------------------------------------------------

  /** A page's count. */
  int count(LiveRange range, long pfn) {
    int fresh = fresh(range, pfn);
    return isReady(range, pfn)
        ? fresh + (int) INT.getVolatile(segment(pfn), offset(pfn) + COUNT)
        : fresh;
  }

  /** Sets a page's count if it is what was expected. */
  boolean compareAndSetCount(LiveRange range, long pfn, int expected, int count) {
    makeReady(range, pfn);
    int fresh = fresh(range, pfn);
    return INT.compareAndSet(segment(pfn), offset(pfn) + COUNT, expected - fresh, count - fresh);
  }

  /**
   * Adds 1 or -1 to a page's count, unless that is zero, or as high as it can count.
   *
   * @return the count before; 0 if nothing was added
   */
  int addUnlessZero(LiveRange range, long pfn, int n) {
    int fresh = fresh(range, pfn);
    if (fresh == 0 && !isReady(range, pfn)) {
      return 0;
    }
    makeReady(range, pfn);
    MemorySegment pages = segment(pfn);
    long offset = offset(pfn) + COUNT;
    while (true) {
      int stored = (int) INT.getVolatile(pages, offset);
      int count = fresh + stored;
      if (count == 0 || (n > 0 && count == Integer.MAX_VALUE)) {
        return 0;
      }
      if (INT.weakCompareAndSet(pages, offset, stored, stored + n)) {
        return count;
      }
    }
  }

  /** C-5: tails of compound pages count nothing. */
  private int fresh(LiveRange range, long pfn) {
    return range.headOf(pfn) == pfn ? life.type().freshCount() : 0;
  }

  // ---- flags and data ----------------------------------------------------------------------

  int flags(LiveRange range, long pfn) {
    return isReady(range, pfn) ? (int) INT.getVolatile(segment(pfn), offset(pfn) + FLAGS) : 0;
  }

  /** Sets or unsets flags. */
  void flag(LiveRange range, long pfn, int flags, boolean set) {
    makeReady(range, pfn);
    if (set) {
      INT.getAndBitwiseOr(segment(pfn), offset(pfn) + FLAGS, flags);
    } else {
      INT.getAndBitwiseAnd(segment(pfn), offset(pfn) + FLAGS, ~flags);
    }
  }

  long data(LiveRange range, long pfn) {
    return isReady(range, pfn) ? (long) LONG.getVolatile(segment(pfn), offset(pfn) + DATA) : 0;
  }

  void data(LiveRange range, long pfn, long value) {
    makeReady(range, pfn);
    LONG.setVolatile(segment(pfn), offset(pfn) + DATA, value);
  }

  // ---- where they lie ----------------------------------------------------------------------

  private MemorySegment segment(long pfn) {
    AltmapShare inAltmap = share;
    return inAltmap != null && inAltmap.holds(pfn) ? altmapPages(inAltmap) : vmemmap.window(pfn);
  }

  private long offset(long pfn) {
    AltmapShare inAltmap = share;
    return inAltmap != null && inAltmap.holds(pfn)
        ? (pfn - inAltmap.firstPfn()) * geometry.entryBytes()
        : vmemmap.offset(pfn);
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

  private boolean isReady(LiveRange range, long pfn) {
    AtomicLongArray bits = ready;
    if (bits == null) {
      return false;
    }
    long block = block(range, pfn);
    return (bits.getAcquire((int) (block >>> 6)) & (1L << block)) != 0;
  }

  private void makeReady(LiveRange range, long pfn) {
    if (!isReady(range, pfn)) {
      clear(range, pfn);
    }
  }

  private synchronized void clear(LiveRange range, long pfn) {
    AtomicLongArray bits = ready;
    if (bits == null) {
      long pages = life.ranges().stream().mapToLong(LiveRange::pages).sum();
      bits = new AtomicLongArray((int) ((pages / Subsection.PAGES + 63) >>> 6));
      ready = bits;
    }
    if (isReady(range, pfn)) {
      return;
    }
    long firstOfBlock = pfn & -Subsection.PAGES;
    segment(firstOfBlock)
        .asSlice(offset(firstOfBlock), Subsection.PAGES * geometry.entryBytes())
        .fill((byte) 0);
    long block = block(range, pfn);
    // only this lock's holder writes, so nothing can be lost between the two
    int word = (int) (block >>> 6);
    bits.setRelease(word, bits.getPlain(word) | (1L << block));
  }

  /** The number of a page's block among those of all ranges. */
  private long block(LiveRange range, long pfn) {
    long before = 0;
    for (LiveRange other : life.ranges()) {
      // ranges do not overlap
      if (other.firstPfn() == range.firstPfn()) {
        break;
      }
      before += other.pages();
    }
    return (before + pfn - range.firstPfn()) / Subsection.PAGES;
  }
}
