// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

/**
 * What pages of one range may be handed out as one, and split again: rows 5 and 6 of {@code
 * docs/kernels.md}. The words of the pages decide which of two hand-outs at once succeeds; see
 * {@link PageWord}.
 *
 * <p>Pages are Objects here, for messages alone, so that this file does not depend on Page.
 *
 * @param memmap the structures of the map's life
 * @param range where the pages lie
 */
public record HandOuts(Memmap memmap, LiveRange range) {

  /**
   * How many references of the map pages hold that are handed out. A compound page of the map's own
   * holds one, whatever its size.
   */
  public long references(int order) {
    return range.shift() == 0 ? 1L << order : 1;
  }

  /**
   * Passes if so many pages may be handed out as one, as far as the map and the kernel decide.
   *
   * @throws IllegalArgumentException if no map has such a hand-out
   * @throws IllegalStateException if this one has none
   */
  public void require(Object page, long pfn, int order) {
    if (order == range.shift()) {
      return;
    }
    if (order < 0 || order > PageWord.MAX_ORDER) {
      throw new IllegalArgumentException(
          "%s: an order is 0 to %d, not %d".formatted(page, PageWord.MAX_ORDER, order));
    }
    if (!memmap.handsOutFolios(range)) {
      throw PagemapSentences.misuse(
          page,
          range.shift() > 0
              ? "its map has compound pages of order %d, and hands out no others"
                  .formatted(range.shift())
              : "it can be handed out alone only: kernels since 6.19 choose an order, for PRIVATE and COHERENT pages");
    }
    long pages = 1L << order;
    if ((pfn & (pages - 1)) != 0 || pfn + pages - 1 > range.lastPfn()) {
      throw new IllegalArgumentException(
          "%s: %d pages begin at a multiple of their number, and end in the range of the map"
              .formatted(page, pages));
    }
  }

  /**
   * Hands free pages out. The caller holds the map, once for each.
   *
   * @return false if one of them is in use; then nothing changed
   */
  public boolean handOut(long pfn, int order) {
    return memmap.handOut(range, pfn, range.shift() == 0 ? order : 0);
  }

  /**
   * Splits a hand-out. The caller holds the map.
   *
   * @param first its first page
   * @param old its order
   * @param order log2 of how many pages each part has
   */
  public void split(Object page, long first, int old, int order) {
    if (!memmap.handsOutFolios(range) || !memmap.beginSplit(first, old)) {
      throw PagemapSentences.misuse(
          page, "it cannot be split: it is no hand-out of several pages with one reference");
    }
    for (long part = first; part < first + (1L << old); part += 1L << order) {
      memmap.split(part, order);
    }
  }
}
