// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.page.MemmapGeometry;

/** How many pages an altmap must set free so that a range's page structures fit (C-8, AM-7). */
final class AltmapSize {
  private static final long PAGE = 4096;
  private static final long SECTION_PAGES = (128L << 20) / PAGE;
  private static final long BLOCK_PAGES = 512;

  private AltmapSize() {}

  /**
   * The smallest number that suffices, rounded up so that what is left is whole compound pages.
   *
   * @param reserve pages before it
   */
  static long pages(Words.Span span, long reserve, MemmapGeometry geometry, int shift) {
    long pages = span.sizeBytes() / PAGE;
    long need;
    if (geometry == MemmapGeometry.COMPACT) {
      need = (pages * geometry.entryBytes() + PAGE - 1) / PAGE;
    } else {
      long first = span.start() / PAGE;
      long firstWhole = (first + SECTION_PAGES - 1) / SECTION_PAGES;
      long sections = Math.max(0, (first + pages) / SECTION_PAGES - firstWhole);
      long pad = -(first + reserve) & (BLOCK_PAGES - 1);
      need = sections == 0 ? 0 : sections * BLOCK_PAGES + pad;
    }
    long compound = shift >= 0 && shift < 32 ? 1L << shift : 1;
    return need + (-(reserve + need) & (compound - 1));
  }
}
