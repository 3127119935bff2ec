// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

/** The sizes that x86-64 counts page maps in (SC-3, SC-4). */
public final class Subsection {
  public static final int PAGE_SHIFT = 12;
  public static final long PAGE_BYTES = 1L << PAGE_SHIFT;

  /** A page map starts and ends at these: 2 MiB. */
  public static final int SHIFT = 21;

  public static final long BYTES = 1L << SHIFT;
  public static final long PAGES = BYTES >>> PAGE_SHIFT;

  /** The kernel's memmap is made section by section: 128 MiB. */
  public static final long SECTION_PAGES = 1L << (27 - PAGE_SHIFT);

  /** Physical addresses of page maps lie below this power of two: MAX_PHYSMEM_BITS. */
  public static final int MAX_PHYSMEM_BITS = 46;

  /** No page frame beyond this has a page structure. */
  public static final int PFN_BITS = MAX_PHYSMEM_BITS - PAGE_SHIFT;

  private Subsection() {}
}
