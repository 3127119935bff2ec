// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import dev.memremap.machine.MemmapGeometry;

/**
 * Where a page's words lie in its entry of the memmap.
 *
 * <p>In the kernel's geometry an entry's words lie side by side. In the compact one the counts and
 * flags of 512 pages, 8 bytes each, come first and then their drivers' words, so that a user of the
 * former alone touches half as much.
 *
 * @param entryBytes the size of a page's entry
 * @param wordStride how many bytes a page's word lies after that of the page before, in their block
 * @param dataDistance how many bytes the driver's word of a page lies after the page's own
 * @param inSections whether an altmap holds entries for whole sections only (C-8)
 */
public record MemmapLayout(int entryBytes, long wordStride, long dataDistance, boolean inSections) {
  public static MemmapLayout of(MemmapGeometry geometry) {
    return switch (geometry) {
      case KERNEL ->
          new MemmapLayout(geometry.entryBytes(), geometry.entryBytes(), Long.BYTES, true);
      case COMPACT ->
          new MemmapLayout(geometry.entryBytes(), Long.BYTES, Long.BYTES * Subsection.PAGES, false);
    };
  }

  /** Where a page's word lies in an array that begins with the page of number 0, in bytes. */
  public long offset(long pfn) {
    long inBlock = pfn & (Subsection.PAGES - 1);
    return (pfn - inBlock) * entryBytes + inBlock * wordStride;
  }

  /**
   * How many pages of an altmap the page structures of a range take, without what is skipped to
   * align them (C-8). Linux's lie there for whole sections only.
   *
   * @param firstPfn the first page of the range
   * @param pages how many pages it has
   */
  public long altmapPages(long firstPfn, long pages) {
    if (!inSections) {
      return (pages * entryBytes + Subsection.PAGE_BYTES - 1) >>> Subsection.PAGE_SHIFT;
    }
    long first = (firstPfn + Subsection.SECTION_PAGES - 1) & -Subsection.SECTION_PAGES;
    long end = (firstPfn + pages) & -Subsection.SECTION_PAGES;
    return first >= end ? 0 : (end - first) / Subsection.SECTION_PAGES * altmapAlignPages();
  }

  /** To how many pages they are aligned there: those of one section, or one page (C-8). */
  public long altmapAlignPages() {
    return inSections ? (Subsection.SECTION_PAGES * entryBytes) >>> Subsection.PAGE_SHIFT : 1;
  }
}
