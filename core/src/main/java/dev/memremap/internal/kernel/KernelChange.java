// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.kernel;

/**
 * What kernels answer otherwise since some release. The number is that of the row in {@code
 * docs/kernels.md}.
 *
 * <p>Thread safety: immutable.
 */
public enum KernelChange {
  /** Row 1: an FS_DAX page that was never used counts 0 instead of 1 (C-5). */
  FS_DAX_BEGINS_AT_0(1, "the count of an FS_DAX page that was never used", "6.14", "6.18"),
  /** Row 2: a PCI_P2PDMA page that was never used counts 0 instead of 1, as after page_free. */
  P2PDMA_BEGINS_AT_0(2, "the count of a PCI_P2PDMA page that was never used", "6.14", "6.18"),
  /** Row 3: the last put of a GENERIC page calls no page_free, and its count goes back to 1. */
  GENERIC_IS_NOT_FREED(3, "the last put of a GENERIC page", "6.14", "6.18"),
  /**
   * Row 5: a hand-out of device pages chooses how many pages it has, and takes as many references.
   */
  HANDS_OUT_FOLIOS(5, "zone_device_page_init takes an order", "6.18", "6.19"),
  /** Row 6: the callback page_free is named folio_free. */
  FREES_FOLIOS(6, "page_free of a page becomes folio_free of a folio; folio_split", "6.18", "6.19"),
  /** Row 8: WB is mapped encrypted in an encrypted guest unless DEC is given (MR-9). */
  WB_IS_ENCRYPTED(8, "arch_memremap_wb gets the flags", "6.14", "6.18"),
  /** Row 9: {@code region_intersects} looks at what lies inside a resource (RI-4). */
  LOOKS_INSIDE_WINDOWS(9, "region_intersects looks inside windows", "5.10", "6.1"),
  /**
   * Row 10: a free range is looked for below the base, its request fails with {@code ERANGE}
   * instead of {@code ENOMEM}, and {@code alloc_free_mem_region} exists (RES-11).
   */
  LOOKS_BELOW_BASE(10, "the search for a free range", "5.10", "6.1"),
  /** Row 11: Soft Reserved lies in a tree of its own on x86. */
  SOFT_RESERVE_TREE(11, "Soft Reserved leaves the tree of /proc/iomem", "6.19", "7.0"),
  /** Row 12: page maps lie below the end of the direct map instead of below 2^46. */
  ENDS_WITH_DIRECT_MAP(12, "where page maps end", "5.10", "6.1"),
  /** Row 13: a compound page is at most as large as the largest folio (DP-6). */
  LARGEST_FOLIO(13, "the size of compound pages", "6.14", "6.18"),
  /** Row 14: the free of a reservation's tail is refused instead of shortening it (MT-6). */
  TAILS_STAY(14, "the free of a memory type", "6.14", "6.18"),
  /** Row 15: some architectures share the structures of compound pages, x86_64 among them. */
  SHARED_WHERE_WANTED(15, "shared structures of compound pages", "6.1", "6.12"),
  /**
   * Row 17: the sanity check of a mapping logs one of its two lines for debugging only (RES-12).
   */
  SANITY_CHECK_DEBUGS(17, "the line of the sanity check of ioremap", "7.2", "7.3"),
  /** Row 18: where the MTRRs are off, WB becomes UC- (MT-2). */
  NO_MTRRS_NO_WB(18, "WB where the MTRRs are off", "5.10", "6.1"),
  /** Row 19: beyond 2^46 a page map is {@code EINVAL} instead of {@code E2BIG} (C-13). */
  BEYOND_IS_EINVAL(19, "a page map beyond 2^46", "5.10", "6.1"),
  /** Row 20: COHERENT is a type of memory (TY-1). */
  COHERENT_EXISTS(20, "the type COHERENT", "5.10", "6.1"),
  /** Row 21: a page map may have compound pages. */
  COMPOUND_PAGES(21, "compound pages of page maps", "5.10", "6.1"),
  /**
   * Row 23: the last put of a GENERIC or PCI_P2PDMA page calls page_free, and it counts 1 again.
   */
  CALLS_PAGE_FREE(23, "the last put of a GENERIC or PCI_P2PDMA page", "5.10", "6.1"),
  /** Row 24: a free range is looked for at each alignment, not a multiple of its size away. */
  STEPS_BY_ALIGNMENT(24, "the step of the search for a free range", "6.1", "6.12"),
  /** Row 25: a failure of a page without a structure is {@code EBUSY}, not {@code ENXIO} (MF-1). */
  NO_STRUCTURE_IS_EBUSY(25, "a memory failure of a page without a structure", "6.18", "6.19"),
  /** Row 26: the first line of the sanity check has a prefix, and whole addresses (RES-12). */
  SANITY_CHECK_PREFIX(26, "the words of the sanity check of ioremap", "5.10", "6.1"),
  /** Row 27: the end of a misaligned page map is logged as a hexadecimal number (C-4). */
  MISALIGNED_END_IS_HEX(27, "the line of a misaligned page map", "6.1", "6.12"),
  /** Row 28: how many page structures were made is not logged (C-13). */
  INITIALISES_IN_SILENCE(28, "the line of a page map that was made", "5.10", "6.1"),
  /**
   * Row 29: a free PRIVATE page counts 0 instead of 1, and its map holds no reference for it (C-5).
   */
  PRIVATE_BEGINS_AT_0(29, "the count of a free PRIVATE page", "5.10", "6.1"),
  /**
   * Row 30: a failure of a PRIVATE or COHERENT page that DAX maps is {@code ENXIO} instead of
   * {@code EBUSY} (MF-3).
   */
  HANDED_OUT_IS_ENXIO(
      30, "a memory failure of a PRIVATE or COHERENT page that DAX maps", "5.10", "6.1"),
  /**
   * Row 31: the unmapping gives the map's own references back at once, and leaves the counts of its
   * pages as they are, instead of putting each page (TD-5).
   */
  UNMAPPING_LEAVES_COUNTS(31, "the counts of pages whose map is unmapped", "5.10", "6.1");

  private final int row;
  private final String what;
  private final String last;
  private final String first;

  KernelChange(int row, String what, String last, String first) {
    this.row = row;
    this.what = what;
    this.last = last;
    this.first = first;
  }

  /**
   * The change of a row.
   *
   * @throws IllegalArgumentException if a machine cannot follow that row
   */
  public static KernelChange ofRow(int row) {
    for (KernelChange change : values()) {
      if (change.row == row) {
        return change;
      }
    }
    throw new IllegalArgumentException(
        "a machine cannot follow row %d of docs/kernels.md".formatted(row));
  }

  /** The number of its row. */
  public int row() {
    return row;
  }

  /** What changed, as its row says. */
  public String what() {
    return what;
  }

  /** The last release, of those that were read, that lacks it. */
  public String last() {
    return last;
  }

  /** The first release, of those that were read, that has it. */
  public String first() {
    return first;
  }
}
