// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import dev.memremap.page.PageMapping;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * What the pages of one life are mapped by: {@code page->mapping}. They lie on the heap, in blocks
 * as page structures do; where no page is mapped there is no block, and no table of blocks either.
 * Clearing allocates nothing, since a page can become free when the heap is full.
 *
 * <p>Thread safety: {@code all} is volatile, and made under this object's lock; each array's
 * elements are read and written as volatile ones, and an added block stays.
 */
final class PageMappings {
  /** An array whose elements are null at first. */
  private static final class Slots<T> extends AtomicReferenceArray<@Nullable T> {
    private static final long serialVersionUID = 1;

    Slots(int length) {
      super(length);
    }
  }

  private final long blocks;
  private final int perBlock;
  private volatile @Nullable Slots<Slots<PageMapping>> all;

  /**
   * Of pages none of which is mapped.
   *
   * @param blocks how many blocks the pages are in
   * @param perBlock how many pages a block has, a power of two
   */
  PageMappings(long blocks, long perBlock) {
    this.blocks = blocks;
    this.perBlock = Math.toIntExact(perBlock);
  }

  private int slot(long pfn) {
    return (int) pfn & (perBlock - 1);
  }

  /** What a page is mapped by; null for nothing. */
  @Nullable PageMapping of(long block, long pfn) {
    Slots<Slots<PageMapping>> table = all;
    Slots<PageMapping> slots = table == null ? null : table.get((int) block);
    return slots == null ? null : slots.get(slot(pfn));
  }

  /** Sets what a page is mapped by; null for nothing. */
  void set(long block, long pfn, @Nullable PageMapping mapping) {
    Slots<Slots<PageMapping>> table = all;
    Slots<PageMapping> slots = table == null ? null : table.get((int) block);
    if (slots == null) {
      if (mapping == null) {
        return;
      }
      slots = made((int) block);
    }
    slots.set(slot(pfn), mapping);
  }

  private synchronized Slots<PageMapping> made(int block) {
    Slots<Slots<PageMapping>> table = all;
    if (table == null) {
      table = new Slots<>(Math.toIntExact(blocks));
      all = table;
    }
    Slots<PageMapping> slots = table.get(block);
    if (slots == null) {
      slots = new Slots<>(perBlock);
      table.set(block, slots);
    }
    return slots;
  }

  /** Whether no page was ever mapped. */
  boolean isEmpty() {
    return all == null;
  }
}
