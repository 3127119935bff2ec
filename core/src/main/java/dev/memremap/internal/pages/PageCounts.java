// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import static dev.memremap.internal.kernel.KernelChange.CALLS_PAGE_FREE;
import static dev.memremap.internal.kernel.KernelChange.FS_DAX_BEGINS_AT_0;
import static dev.memremap.internal.kernel.KernelChange.GENERIC_IS_NOT_FREED;
import static dev.memremap.internal.kernel.KernelChange.HANDS_OUT_FOLIOS;
import static dev.memremap.internal.kernel.KernelChange.P2PDMA_BEGINS_AT_0;
import static dev.memremap.internal.kernel.KernelChange.PRIVATE_BEGINS_AT_0;
import static dev.memremap.internal.kernel.KernelChange.UNMAPPING_LEAVES_COUNTS;

import dev.memremap.internal.kernel.KernelRules;
import dev.memremap.page.MemoryType;

/**
 * What a kernel's counts of a type's pages do.
 *
 * @param fresh the count of a page that was never used (C-5)
 * @param free the count of a page that is free: its fall to that is what {@code atFree} is about
 * @param owned whether the map holds a reference for each page from the start (C-5)
 * @param atFree what the drop of a page's last reference does (TY-4)
 * @param folios whether a hand-out chooses how many pages it has (row 5)
 * @param putByUnmapping whether the unmapping puts each page once (row 31)
 */
public record PageCounts(
    int fresh, int free, boolean owned, AtFree atFree, boolean folios, boolean putByUnmapping) {

  /** What becomes of a page that is free. */
  public enum AtFree {
    /** Its driver is told by page_free; then it counts like a fresh one. */
    IS_FREED,
    /** It counts like a fresh one at once, and its driver is not told. */
    IS_FRESH,
    /** Nothing: a file system watches its pages itself; on 5.10 no driver is told either. */
    STAYS
  }

  static PageCounts of(MemoryType type, KernelRules kernel) {
    return switch (type) {
      // row 29: the map's own reference leaves a page free, and a get hands it out
      case PRIVATE ->
          kernel.has(PRIVATE_BEGINS_AT_0)
              ? handedOut(kernel)
              : ofMap(1, 1, AtFree.IS_FREED, kernel);
      case COHERENT -> handedOut(kernel);
      case FS_DAX -> ofMap(kernel.has(FS_DAX_BEGINS_AT_0) ? 0 : 1, 0, AtFree.STAYS, kernel);
      case GENERIC ->
          ofMap(1, 0, kernel.has(GENERIC_IS_NOT_FREED) ? AtFree.IS_FRESH : freed(kernel), kernel);
      case PCI_P2PDMA -> ofMap(kernel.has(P2PDMA_BEGINS_AT_0) ? 0 : 1, 0, freed(kernel), kernel);
    };
  }

  private static PageCounts handedOut(KernelRules kernel) {
    return new PageCounts(0, 0, false, AtFree.IS_FREED, kernel.has(HANDS_OUT_FOLIOS), false);
  }

  /** The map holds a reference for each page; where a fresh page counts 0, no put gives it back. */
  private static PageCounts ofMap(int fresh, int free, AtFree atFree, KernelRules kernel) {
    boolean putByUnmapping = fresh > 0 && !kernel.has(UNMAPPING_LEAVES_COUNTS);
    return new PageCounts(fresh, free, true, atFree, false, putByUnmapping);
  }

  /** Of a page that is not handed out. */
  private static AtFree freed(KernelRules kernel) {
    return kernel.has(CALLS_PAGE_FREE) ? AtFree.IS_FREED : AtFree.STAYS;
  }

  /** How many references of the map itself keep a fresh page from being free. */
  public int keptFresh() {
    return fresh - free;
  }
}
