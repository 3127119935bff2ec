// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

import dev.memremap.rule.Errno;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A page map's callbacks: {@code struct dev_pagemap_ops}. Which of them must be there depends on
 * the type (TY-1).
 *
 * <p>They are called by the thread that dropped the page or reported the failure, without any lock
 * of this library.
 *
 * @param pageFree told when a page's last reference is dropped
 * @param migrateToRam brings a PRIVATE page's contents to where the processor reaches them
 * @param memoryFailure told of broken memory before the generic handler is
 */
public record PagemapOps(
    @Nullable PageFree pageFree,
    @Nullable MigrateToRam migrateToRam,
    @Nullable MemoryFailure memoryFailure) {

  private static final PagemapOps NONE = new PagemapOps(null, null, null);

  /** {@code page_free}. */
  @FunctionalInterface
  public interface PageFree {
    /** A page's count has dropped to zero: it is free for whatever owns the device. */
    void pageFree(Page page);
  }

  /** {@code migrate_to_ram}. */
  @FunctionalInterface
  public interface MigrateToRam {
    /** What became of the fault (TY-5). */
    enum Outcome {
      /** The contents were moved; the access can be repeated. */
      MIGRATED,
      /** They cannot be moved: {@code VM_FAULT_SIGBUS}. */
      SIGBUS,
      /** There is no memory to move them to: {@code VM_FAULT_OOM}. */
      OOM
    }

    /** Moves a page's contents. */
    Outcome migrateToRam(Page page);
  }

  /** {@code memory_failure}. */
  @FunctionalInterface
  public interface MemoryFailure {
    /**
     * Handles broken memory.
     *
     * @param pfn the first broken page
     * @param count how many pages
     * @param flags as given to {@code memoryFailure}
     * @return empty if it was handled; {@code EOPNOTSUPP} to have the generic handler do it
     */
    Optional<Errno> memoryFailure(DevPagemap map, long pfn, long count, int flags);
  }

  /** No callbacks. */
  public static PagemapOps none() {
    return NONE;
  }

  /** These, with this one for {@code page_free}. */
  public PagemapOps withPageFree(PageFree callback) {
    Objects.requireNonNull(callback, "callback");
    return new PagemapOps(callback, migrateToRam, memoryFailure);
  }

  /** These, with this one for {@code migrate_to_ram}. */
  public PagemapOps withMigrateToRam(MigrateToRam callback) {
    Objects.requireNonNull(callback, "callback");
    return new PagemapOps(pageFree, callback, memoryFailure);
  }

  /** These, with this one for {@code memory_failure}. */
  public PagemapOps withMemoryFailure(MemoryFailure callback) {
    Objects.requireNonNull(callback, "callback");
    return new PagemapOps(pageFree, migrateToRam, callback);
  }
}
