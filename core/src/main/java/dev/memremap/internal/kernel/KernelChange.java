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
  FS_DAX_BEGINS_AT_0(1, "6.14", "6.18"),
  /** Row 2: a PCI_P2PDMA page that was never used counts 0 instead of 1, as after page_free. */
  P2PDMA_BEGINS_AT_0(2, "6.14", "6.18"),
  /** Row 3: the last put of a GENERIC page calls no page_free, and its count goes back to 1. */
  GENERIC_IS_NOT_FREED(3, "6.14", "6.18"),
  /**
   * Row 5: a hand-out of device pages chooses how many pages it has, and takes as many references.
   */
  HANDS_OUT_FOLIOS(5, "6.18", "6.19"),
  /** Row 6: the callback page_free is named folio_free. */
  FREES_FOLIOS(6, "6.18", "6.19"),
  /** Row 8: WB is mapped encrypted in an encrypted guest unless DEC is given (MR-9). */
  WB_IS_ENCRYPTED(8, "6.14", "6.18"),
  /** Row 9: {@code region_intersects} looks at what lies inside a resource (RI-4). */
  LOOKS_INSIDE_WINDOWS(9, "5.10", "6.1"),
  /**
   * Row 10: a free range is looked for below the base, its request fails with {@code ERANGE}
   * instead of {@code ENOMEM}, and {@code alloc_free_mem_region} exists (RES-11).
   */
  LOOKS_BELOW_BASE(10, "5.10", "6.1"),
  /** Row 11: Soft Reserved lies in a tree of its own on x86. */
  SOFT_RESERVE_TREE(11, "6.19", "7.0"),
  /** Row 12: page maps lie below the end of the direct map instead of below 2^46. */
  ENDS_WITH_DIRECT_MAP(12, "5.10", "6.1"),
  /** Row 13: a compound page is at most as large as the largest folio (DP-6). */
  LARGEST_FOLIO(13, "6.14", "6.18"),
  /** Row 14: the free of a reservation's tail is refused instead of shortening it (MT-6). */
  TAILS_STAY(14, "6.14", "6.18"),
  /** Row 15: some architectures share the structures of compound pages, x86_64 among them. */
  SHARED_WHERE_WANTED(15, "6.1", "6.12"),
  /** Row 18: where the MTRRs are off, WB becomes UC- (MT-2). */
  NO_MTRRS_NO_WB(18, "5.10", "6.1"),
  /** Row 19: beyond 2^46 a page map is {@code EINVAL} instead of {@code E2BIG} (C-13). */
  BEYOND_IS_EINVAL(19, "5.10", "6.1"),
  /** Row 20: COHERENT is a type of memory (TY-1). */
  COHERENT_EXISTS(20, "5.10", "6.1"),
  /** Row 21: a page map may have compound pages. */
  COMPOUND_PAGES(21, "5.10", "6.1"),
  /** Row 24: a free range is looked for at each alignment, not a multiple of its size away. */
  STEPS_BY_ALIGNMENT(24, "6.1", "6.12"),
  /** Row 25: a failure of a page without a structure is {@code EBUSY}, not {@code ENXIO} (MF-1). */
  NO_STRUCTURE_IS_EBUSY(25, "6.18", "6.19");

  private final int row;
  private final String last;
  private final String first;

  KernelChange(int row, String last, String first) {
    this.row = row;
    this.last = last;
    this.first = first;
  }

  /** The number of its row. */
  public int row() {
    return row;
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
