// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

import dev.memremap.cache.CacheMode;

/**
 * What kind of memory a page map describes: {@code enum memory_type} (TY-1).
 *
 * <p>Thread safety: immutable.
 */
public enum MemoryType {
  /**
   * Device memory that the processor cannot reach: it has page structures, and no mapping. Needs
   * the callbacks migrate_to_ram and page_free, and an owner.
   */
  PRIVATE(0, CacheMode.WB),
  /** Device memory that the processor reaches coherently. Needs page_free and an owner. */
  COHERENT(0, CacheMode.WB),
  /** Persistent memory under a file system. */
  FS_DAX(1, CacheMode.WB),
  /** Memory of no special kind. */
  GENERIC(1, CacheMode.WB),
  /** A PCI device's memory for other devices; mapped uncached. */
  PCI_P2PDMA(1, CacheMode.UC_MINUS);

  private final int freshCount;
  private final CacheMode asked;

  MemoryType(int freshCount, CacheMode asked) {
    this.freshCount = freshCount;
    this.asked = asked;
  }

  /** The reference count of a page nobody has used yet (C-5). */
  public int freshCount() {
    return freshCount;
  }

  /** The cache mode that a map of this type asks for (C-11). */
  public CacheMode askedMode() {
    return asked;
  }

  /**
   * Whether the drop of a page's last reference calls page_free (TY-4): a file system watches its
   * pages itself, and is not told.
   */
  public boolean isFreedByCallback() {
    return this != FS_DAX;
  }

  /** Whether the map has a mapping that the processor can use. */
  public boolean isMapped() {
    return this != PRIVATE;
  }
}
