// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.internal.kernel.KernelRules;
import dev.memremap.internal.pages.SharedTails;
import dev.memremap.machine.MachineDescription;
import java.util.Objects;

/**
 * Computes what Linux spends on page structures: 64 bytes for each page, in whole pages of memory,
 * and less if compound pages share their structures.
 */
public final class KernelMemmap {
  /** The size of {@code struct page} in bytes. */
  public static final int STRUCT_PAGE_BYTES = 64;

  private static final int STRUCT_PAGE_SHIFT = Integer.numberOfTrailingZeros(STRUCT_PAGE_BYTES);

  /** A compound page whose structures are shared keeps its head's page and one for all tails. */
  private static final long SHARED_PAGES = 2;

  private KernelMemmap() {}

  /**
   * Returns how many pages of memory the structures of a range take.
   *
   * @param sizeBytes the range's size, at least one page
   * @param pageBytes the kernel's page size: 4096, 16384 or 65536
   * @throws IllegalArgumentException if the page size is not a power of two, or holds no structure
   */
  public static long memmapPages(long sizeBytes, long pageBytes) {
    int shift = pageShift(pageBytes);
    return ((sizeBytes - 1) >>> shift >>> (shift - STRUCT_PAGE_SHIFT)) + 1;
  }

  private static int pageShift(long pageBytes) {
    int shift = PageGeometry.shift(pageBytes);
    if (shift < STRUCT_PAGE_SHIFT) {
      throw new IllegalArgumentException(
          "pageBytes is %d, and a page holds at least one struct page of %d bytes"
              .formatted(pageBytes, STRUCT_PAGE_BYTES));
    }
    return shift;
  }

  /**
   * Returns whether the Linux of a machine keeps the structures of a compound page's tails once for
   * all of them: from 6.1 to 6.11 every one, later those of x86_64, RISC-V and PowerPC.
   */
  public static boolean sharesTails(MachineDescription machine) {
    Objects.requireNonNull(machine, "machine");
    return SharedTails.in(machine.architecture(), KernelRules.choose(machine.kernel()).rules());
  }

  /**
   * Returns whether the tails of compound pages share their structures: {@code
   * vmemmap_can_optimize} as of 6.5.
   *
   * @param shift log2 of a compound page in pages
   * @param altmap whether the structures lie in the device's memory
   * @throws IllegalArgumentException if no address space has such a page, or such a compound page
   */
  public static boolean canOptimize(int shift, boolean altmap, long pageBytes) {
    long plain = plainPages(shift, pageBytes);
    return !altmap && plain > SHARED_PAGES;
  }

  /**
   * Returns how many pages of memory the structures of one compound page take; 1 if they fill less
   * than a page, which its neighbours share.
   *
   * @throws IllegalArgumentException if no address space has such a page, or such a compound page
   */
  public static long pagesPerCompound(int shift, boolean altmap, long pageBytes) {
    return canOptimize(shift, altmap, pageBytes)
        ? SHARED_PAGES
        : Math.max(1, plainPages(shift, pageBytes));
  }

  private static long plainPages(int shift, long pageBytes) {
    int pageShift = pageShift(pageBytes);
    if (shift < 0 || shift >= Long.SIZE - pageShift) {
      throw new IllegalArgumentException(
          "shift is %d, and 64-bit addresses have compound pages of at most 2^%d pages of %d bytes"
              .formatted(shift, Long.SIZE - 1 - pageShift, pageBytes));
    }
    return (1L << (shift + STRUCT_PAGE_SHIFT)) >>> pageShift;
  }

  /**
   * Returns how many bytes Linux spends on the page structures of a range.
   *
   * @param sizeBytes the range's size
   * @param shift log2 of a compound page in pages; 0 for single pages
   * @param altmap whether the structures lie in the device's memory
   * @throws IllegalArgumentException if no address space has such a page, or such a compound page
   */
  public static long bytes(long sizeBytes, int shift, boolean altmap, long pageBytes) {
    if (sizeBytes == 0) {
      return 0;
    }
    if (!canOptimize(shift, altmap, pageBytes)) {
      return memmapPages(sizeBytes, pageBytes) * pageBytes;
    }
    long compounds = Long.divideUnsigned(sizeBytes - 1, pageBytes << shift) + 1;
    return compounds * SHARED_PAGES * pageBytes;
  }
}
