// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.geometry;

import dev.memremap.internal.binary.PowerOfTwo;
import dev.memremap.resource.PhysRange;
import org.jspecify.annotations.Nullable;

/**
 * The sizes of a machine's pages, subsections and sections, and the widths of its addresses. Each
 * machine has one; nothing else of the engine knows these numbers.
 *
 * <p>Thread safety: immutable.
 *
 * @param pageShift log2 of a page in bytes: {@code PAGE_SHIFT}
 * @param sectionShift log2 of a section in bytes, the unit in which the kernel makes its memmap:
 *     {@code SECTION_SIZE_BITS}
 * @param physmemBits page maps lie below this power of two: {@code MAX_PHYSMEM_BITS}
 * @param addressBits the widest physical address of the architecture, in bits
 */
public record PageGeometry(int pageShift, int sectionShift, int physmemBits, int addressBits) {
  /** Pages of 4 KiB, sections of 128 MiB. */
  public static final PageGeometry X86_64 = new PageGeometry(12, 27, 46, 52);

  /** Page maps start and end at multiples of 2 MiB, whatever the size of a page (C-4). */
  private static final int SUBSECTION_SHIFT = 21;

  /** Log2 of an entry of a page table in bytes. */
  private static final int ENTRY_SHIFT = 3;

  /**
   * Equal sections and widths with pages of another size.
   *
   * @param bytes a power of two
   */
  public PageGeometry withPages(long bytes) {
    return new PageGeometry(shift(bytes), sectionShift, physmemBits, addressBits);
  }

  /**
   * Log2 of a page in bytes.
   *
   * @throws IllegalArgumentException if the size is not a power of two
   */
  public static int shift(long pageBytes) {
    return PowerOfTwo.log2("a page size", pageBytes);
  }

  // ---- pages -------------------------------------------------------------------------------

  /** A page in bytes. */
  public long pageBytes() {
    return 1L << pageShift;
  }

  /**
   * What an entry of the second level of page tables maps, in bytes: {@code PMD_SIZE}. A table is
   * one page, and an entry has 8 bytes.
   */
  public long pmdBytes() {
    return pageBytes() << (pageShift - ENTRY_SHIFT);
  }

  /** What an entry of the third level maps, in bytes: {@code PUD_SIZE}. */
  public long pudBytes() {
    return pmdBytes() << (pageShift - ENTRY_SHIFT);
  }

  /** The number of the page that holds an address. */
  public long pfn(long address) {
    return address >>> pageShift;
  }

  /** The address of a page's first byte. */
  public long address(long pfn) {
    return pfn << pageShift;
  }

  /** The whole pages in so many bytes; what is left over is dropped, as the kernel does. */
  public long pages(long bytes) {
    return bytes >>> pageShift;
  }

  /** The number of the page that holds a range's first byte. */
  public long firstPfn(PhysRange range) {
    return pfn(range.start());
  }

  /** The number of the page that holds a range's last byte. */
  public long lastPfn(PhysRange range) {
    return pfn(range.endInclusive());
  }

  /** The bytes of some pages, the last one included. */
  public PhysRange range(long firstPfn, long lastPfn) {
    return PhysRange.ofPfns(firstPfn, lastPfn, pageBytes());
  }

  /** The whole pages that a range touches; the range itself if it is whole pages already. */
  public PhysRange wholePages(PhysRange range) {
    long start = range.start() & -pageBytes();
    long endInclusive = range.endInclusive() | (pageBytes() - 1);
    return start == range.start() && endInclusive == range.endInclusive()
        ? range
        : new PhysRange(start, endInclusive);
  }

  /** Pages that have a structure have a number below this power of two. */
  public int pfnBits() {
    return physmemBits - pageShift;
  }

  /** Whether any physical address lies in the page with this number. */
  public boolean isPfn(long pfn) {
    return pfn >>> (Long.SIZE - pageShift) == 0;
  }

  // ---- subsections -------------------------------------------------------------------------

  /** A subsection in bytes: 2 MiB. */
  public long subsectionBytes() {
    return 1L << SUBSECTION_SHIFT;
  }

  /** Log2 of a subsection in pages. */
  public int subsectionOrder() {
    return SUBSECTION_SHIFT - pageShift;
  }

  /** A subsection in pages. */
  public long subsectionPages() {
    return 1L << subsectionOrder();
  }

  /** Log2 of the number of subsections that page maps may lie in. */
  public int subsectionBits() {
    return physmemBits - SUBSECTION_SHIFT;
  }

  // ---- sections ----------------------------------------------------------------------------

  /** A section in bytes. */
  public long sectionBytes() {
    return 1L << sectionShift;
  }

  /** A section in pages. */
  public long sectionPages() {
    return 1L << (sectionShift - pageShift);
  }

  // ---- widths ------------------------------------------------------------------------------

  /** The end of what page maps may lie in: the first address beyond it. */
  public long physmemEnd() {
    return 1L << physmemBits;
  }

  /** The last physical address that a processor of the architecture can have. */
  public long lastAddress() {
    return (1L << addressBits) - 1;
  }

  /** MT-1: a range whose ends are cut to the bits of an address; null if nothing is left. */
  public @Nullable PhysRange masked(long start, long endExclusive) {
    if (start == endExclusive) {
      return null;
    }
    long first = start & lastAddress();
    long last = (endExclusive - 1) & lastAddress();
    return Long.compareUnsigned(last, first) < 0 ? null : new PhysRange(first, last);
  }
}
