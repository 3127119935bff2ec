// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

/** The sizes that x86-64 counts page maps in (SC-3, SC-4). */
final class Subsection {
  static final int PAGE_SHIFT = 12;
  static final long PAGE_BYTES = 1L << PAGE_SHIFT;

  /** A page map starts and ends at these: 2 MiB. */
  static final int SHIFT = 21;

  static final long BYTES = 1L << SHIFT;
  static final long PAGES = BYTES >>> PAGE_SHIFT;

  /** The kernel's memmap is made section by section: 128 MiB. */
  static final long SECTION_PAGES = 1L << (27 - PAGE_SHIFT);

  /** Physical addresses of page maps lie below this power of two: MAX_PHYSMEM_BITS. */
  static final int MAX_PHYSMEM_BITS = 46;

  /** No page frame beyond this has a page structure. */
  static final int PFN_BITS = MAX_PHYSMEM_BITS - PAGE_SHIFT;

  private Subsection() {}
}
