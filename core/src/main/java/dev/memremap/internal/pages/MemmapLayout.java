// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import dev.memremap.internal.arch.ArchitectureRules;
import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.machine.MachineDescription;
import dev.memremap.machine.MemmapGeometry;

/**
 * Where a page's words lie in its entry of the memmap.
 *
 * <p>In the kernel's geometry an entry's words lie side by side. In the compact one the counts and
 * flags of a subsection's pages, 8 bytes each, come first and then their drivers' words, so that a
 * user of the former alone touches half as much.
 *
 * @param pages what the machine counts in
 * @param entryBytes the size of a page's entry
 * @param wordStride how many bytes a page's word lies after that of the page before, in their block
 * @param dataDistance how many bytes the driver's word of a page lies after the page's own
 * @param inSections whether an altmap holds entries for whole sections only (C-8)
 */
public record MemmapLayout(
    PageGeometry pages, int entryBytes, long wordStride, long dataDistance, boolean inSections) {
  /** The layout on a machine. */
  public static MemmapLayout of(MachineDescription machine) {
    MemmapGeometry memmap = machine.memmap();
    return of(memmap == null ? MemmapGeometry.COMPACT : memmap, ArchitectureRules.of(machine));
  }

  /** The layout of a geometry on an architecture. */
  static MemmapLayout of(MemmapGeometry memmap, ArchitectureRules architecture) {
    int entryBytes = memmap.entryBytes();
    PageGeometry pages = architecture.geometry();
    return switch (memmap) {
      case KERNEL ->
          new MemmapLayout(
              pages, entryBytes, entryBytes, Long.BYTES, architecture.altmapHoldsWholeSections());
      case COMPACT ->
          new MemmapLayout(
              pages, entryBytes, Long.BYTES, Long.BYTES * pages.subsectionPages(), false);
    };
  }

  /** Where a page's word lies in an array that begins with the page of number 0, in bytes. */
  public long offset(long pfn) {
    long inBlock = pfn & (pages.subsectionPages() - 1);
    return (pfn - inBlock) * entryBytes + inBlock * wordStride;
  }

  /**
   * How many pages of an altmap the page structures of a range take, without what is skipped to
   * align them (C-8). Linux's lie there for whole sections only.
   *
   * @param firstPfn the first page of the range
   * @param count how many pages it has
   */
  public long altmapPages(long firstPfn, long count) {
    if (!inSections) {
      return pages.pages(count * entryBytes + pages.pageBytes() - 1);
    }
    long section = pages.sectionPages();
    long first = (firstPfn + section - 1) & -section;
    long end = (firstPfn + count) & -section;
    return first >= end ? 0 : (end - first) / section * altmapAlignPages();
  }

  /** To how many pages they are aligned there: those of one section, or one page (C-8). */
  public long altmapAlignPages() {
    return inSections ? pages.pages(pages.sectionPages() * entryBytes) : 1;
  }
}
