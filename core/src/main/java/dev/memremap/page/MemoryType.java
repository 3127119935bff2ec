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
  PRIVATE(true, CacheMode.WB),
  /** Device memory that the processor reaches coherently. Needs page_free and an owner. */
  COHERENT(true, CacheMode.WB),
  /** Persistent memory under a file system. */
  FS_DAX(false, CacheMode.WB),
  /** Memory of no special kind. */
  GENERIC(false, CacheMode.WB),
  /** A PCI device's memory for other devices; mapped uncached. */
  PCI_P2PDMA(false, CacheMode.UC_MINUS);

  private final boolean handedOut;
  private final CacheMode asked;

  MemoryType(boolean handedOut, CacheMode asked) {
    this.handedOut = handedOut;
    this.asked = asked;
  }

  /**
   * Whether the driver gives such pages out one by one, with {@link Page#zoneDeviceInit}: until
   * then a page has no reference. If not, the map itself holds a reference to each of its pages
   * from the start (C-5).
   */
  public boolean isHandedOut() {
    return handedOut;
  }

  /** The cache mode that a map of this type asks for (C-11). */
  public CacheMode askedMode() {
    return asked;
  }

  /** Whether the map has a mapping that the processor can use. */
  public boolean isMapped() {
    return this != PRIVATE;
  }
}
