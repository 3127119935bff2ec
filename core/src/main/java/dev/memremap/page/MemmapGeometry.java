// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

import java.util.Locale;
import java.util.Optional;

/**
 * How large a page's entry in the memmap is, and how an altmap is charged for it: the {@code
 * memmap} of a machine file (C-8).
 *
 * <p>Thread safety: immutable.
 */
public enum MemmapGeometry {
  /** Linux's page structures of 64 bytes, taken from an altmap in blocks for whole sections. */
  KERNEL(64, 64, 8),
  /**
   * Our own entries of 16 bytes: the counts and flags of 512 pages, 8 bytes each, and then their
   * drivers' words, so that who uses the former alone touches half as much.
   */
  COMPACT(16, 8, 8 * Subsection.PAGES);

  private final int entryBytes;
  private final long wordStride;
  private final long dataDistance;

  MemmapGeometry(int entryBytes, long wordStride, long dataDistance) {
    this.entryBytes = entryBytes;
    this.wordStride = wordStride;
    this.dataDistance = dataDistance;
  }

  /** The size of a page's entry in bytes. */
  public int entryBytes() {
    return entryBytes;
  }

  /** How many bytes a page's word lies after that of the page before, in their block. */
  long wordStride() {
    return wordStride;
  }

  /** How many bytes the driver's word of a page lies after the page's own. */
  long dataDistance() {
    return dataDistance;
  }

  /** Where a page's word lies in an array that begins with the page of number 0, in bytes. */
  long offset(long pfn) {
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
  long altmapPages(long firstPfn, long pages) {
    if (this == COMPACT) {
      return (pages * entryBytes + Subsection.PAGE_BYTES - 1) >>> Subsection.PAGE_SHIFT;
    }
    long first = (firstPfn + Subsection.SECTION_PAGES - 1) & -Subsection.SECTION_PAGES;
    long end = (firstPfn + pages) & -Subsection.SECTION_PAGES;
    return first >= end ? 0 : (end - first) / Subsection.SECTION_PAGES * altmapAlignPages();
  }

  /** To how many pages they are aligned there: those of one section, or one page (C-8). */
  long altmapAlignPages() {
    return this == COMPACT ? 1 : (Subsection.SECTION_PAGES * entryBytes) >>> Subsection.PAGE_SHIFT;
  }

  /** The word of a machine file: {@code kernel} or {@code compact}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The geometry with this word; empty if there is none. */
  public static Optional<MemmapGeometry> of(String id) {
    for (MemmapGeometry geometry : values()) {
      if (geometry.id().equals(id)) {
        return Optional.of(geometry);
      }
    }
    return Optional.empty();
  }
}
