// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import static dev.memremap.internal.kernel.KernelChange.CALLS_PAGE_FREE;
import static dev.memremap.internal.kernel.KernelChange.FS_DAX_BEGINS_AT_0;
import static dev.memremap.internal.kernel.KernelChange.GENERIC_IS_NOT_FREED;
import static dev.memremap.internal.kernel.KernelChange.HANDS_OUT_FOLIOS;
import static dev.memremap.internal.kernel.KernelChange.P2PDMA_BEGINS_AT_0;

import dev.memremap.internal.kernel.KernelRules;
import dev.memremap.page.MemoryType;

/**
 * What a kernel's counts of a type's pages do.
 *
 * @param fresh the count of a page that was never used (C-5)
 * @param atZero what the drop of a page's last reference does (TY-4)
 * @param folios whether a hand-out chooses how many pages it has (row 5)
 */
public record PageCounts(int fresh, AtZero atZero, boolean folios) {

  /** What becomes of a page that counts zero. */
  public enum AtZero {
    /** Its driver is told by page_free; then it counts like a fresh one. */
    IS_FREED,
    /** It counts like a fresh one at once, and its driver is not told. */
    IS_FRESH,
    /** Nothing: a file system watches its pages itself; on 5.10 no driver is told either. */
    STAYS
  }

  static PageCounts of(MemoryType type, KernelRules kernel) {
    return switch (type) {
      case PRIVATE, COHERENT -> new PageCounts(0, AtZero.IS_FREED, kernel.has(HANDS_OUT_FOLIOS));
      case FS_DAX -> new PageCounts(kernel.has(FS_DAX_BEGINS_AT_0) ? 0 : 1, AtZero.STAYS, false);
      case GENERIC ->
          new PageCounts(
              1, kernel.has(GENERIC_IS_NOT_FREED) ? AtZero.IS_FRESH : freed(kernel), false);
      case PCI_P2PDMA ->
          new PageCounts(kernel.has(P2PDMA_BEGINS_AT_0) ? 0 : 1, freed(kernel), false);
    };
  }

  /** Of a page that is not handed out. */
  private static AtZero freed(KernelRules kernel) {
    return kernel.has(CALLS_PAGE_FREE) ? AtZero.IS_FREED : AtZero.STAYS;
  }
}
