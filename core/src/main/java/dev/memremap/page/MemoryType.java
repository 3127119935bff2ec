// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

import dev.memremap.cache.CacheMode;
import dev.memremap.rule.Rule;

/**
 * The kind of memory that a page map describes: {@code enum memory_type} ({@link Rule#TY_1 TY-1}).
 *
 * <p>Thread safety: immutable.
 */
public enum MemoryType {
  /**
   * Device memory that the processor cannot reach: it has page structures but is not mapped.
   * Requires the callbacks migrate_to_ram and page_free, and an owner.
   */
  PRIVATE(true, CacheMode.WB),
  /** Device memory that the processor reaches coherently. Requires page_free and an owner. */
  COHERENT(true, CacheMode.WB),
  /** Persistent memory under a file system. */
  FS_DAX(false, CacheMode.WB),
  /** Device memory without special rules. */
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
   * Returns whether the driver hands such pages out one by one, with {@link Page#zoneDeviceInit};
   * until then a page has no reference. Otherwise the map itself holds a reference to each page
   * from the start. With {@code kernel=5.10} it does so for PRIVATE pages, too, and a page is free
   * while it has that one alone.
   */
  public boolean isHandedOut() {
    return handedOut;
  }

  /** Returns the cache mode that a map of this type asks for ({@link Rule#C_11 C-11}). */
  public CacheMode askedMode() {
    return asked;
  }

  /** Returns whether the processor can reach such memory. */
  public boolean isMapped() {
    return this != PRIVATE;
  }
}
