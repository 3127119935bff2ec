// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

/**
 * How large a store is.
 *
 * @param pages how many pages it has
 * @param pageBytes how many bytes a page has
 */
public record StoreGeometry(long pages, int pageBytes) {
  private static final int MIN_PAGE_BYTES = 4096;
  private static final int MAX_PAGE_BYTES = 1 << 30;
  private static final long MAX_BYTES = 1L << 56;

  /**
   * Checks the size.
   *
   * @throws IllegalArgumentException if it has no page, a page is not a power of two from 4096 to 1
   *     GiB, or all pages together are more than 64 PiB
   */
  public StoreGeometry {
    if (pages < 1) {
      throw new IllegalArgumentException("%,d pages: a store has at least 1 page".formatted(pages));
    }
    if (pageBytes < MIN_PAGE_BYTES
        || pageBytes > MAX_PAGE_BYTES
        || Integer.bitCount(pageBytes) != 1) {
      throw new IllegalArgumentException(
          "a page of %,d bytes: give a power of two from 4,096 to 1 GiB".formatted(pageBytes));
    }
    if (pages > MAX_BYTES / pageBytes) {
      throw new IllegalArgumentException(
          "%,d pages of %,d bytes: a store has at most 64 PiB".formatted(pages, pageBytes));
    }
  }

  @Override
  public String toString() {
    return "%,d %s of %,d bytes".formatted(pages, pages == 1 ? "page" : "pages", pageBytes);
  }
}
