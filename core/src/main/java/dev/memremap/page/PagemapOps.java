// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

import dev.memremap.rule.Errno;
import dev.memremap.rule.Rule;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The callbacks of a page map: {@code struct dev_pagemap_ops}. The type decides which are required
 * ({@link Rule#TY_1 TY-1}).
 *
 * <p>The thread that drops a page or reports a failure calls them, without any lock of this
 * library.
 *
 * @param pageFree called when a page's last reference is dropped: {@code page_free}, which Linux
 *     calls {@code folio_free} since 6.19
 * @param migrateToRam moves a PRIVATE page's contents to where the processor reaches them
 * @param memoryFailure called for broken memory, before the generic handler
 * @param folioSplit called for each new folio when a hand-out is split
 */
public record PagemapOps(
    @Nullable PageFree pageFree,
    @Nullable MigrateToRam migrateToRam,
    @Nullable MemoryFailure memoryFailure,
    @Nullable FolioSplit folioSplit) {

  private static final PagemapOps NONE = new PagemapOps(null, null, null, null);

  /** Called when a page is free again: {@code page_free}; {@code folio_free} since Linux 6.19. */
  @FunctionalInterface
  public interface PageFree {
    /**
     * Called when a page's count has dropped to zero: the device's owner can use it again. With
     * {@code kernel=5.10} a PRIVATE page's has dropped to 1, and that may be by the unmapping.
     *
     * @param page a single page; or the first of a compound page or hand-out, whose {@link
     *     Page#order} says how many are free
     */
    void pageFree(Page page);
  }

  /** Called when a hand-out of several pages is split: {@code folio_split}. */
  @FunctionalInterface
  public interface FolioSplit {
    /**
     * Called for each new folio but the first, which is the original one, made smaller. It gives
     * the new one what the driver keeps of a page.
     */
    void folioSplit(Page original, Page added);
  }

  /** Called when the processor accesses a PRIVATE page: {@code migrate_to_ram}. */
  @FunctionalInterface
  public interface MigrateToRam {
    /** The result of the fault. */
    enum Outcome {
      /** The contents were moved; the access can be repeated. */
      MIGRATED,
      /** They cannot be moved: {@code VM_FAULT_SIGBUS}. */
      SIGBUS,
      /** Memory to move them to is lacking: {@code VM_FAULT_OOM}. */
      OOM;

      // made with the outcome: once a callback has moved a page, the heap may have no room for it
      private final Optional<Outcome> answer = Optional.of(this);

      /** What a callback of a user returned, which may be nothing. */
      static Outcome of(@Nullable Outcome returned, DevPagemap map) {
        if (returned == null) {
          throw new IllegalStateException(
              "the migrate_to_ram of %s returned null; it returns MIGRATED, SIGBUS or OOM [%s]"
                  .formatted(map, Rule.D_5.id()));
        }
        return returned;
      }

      /** What {@link Page#migrateToRam} answers. */
      Optional<Outcome> answer() {
        return answer;
      }
    }

    /** Moves a page's contents. */
    Outcome migrateToRam(Page page);
  }

  /** Called when memory is broken: {@code memory_failure}. */
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

  /** Returns no callbacks. */
  public static PagemapOps none() {
    return NONE;
  }

  /** Returns these callbacks, with this one for {@code page_free}. */
  public PagemapOps withPageFree(PageFree callback) {
    Objects.requireNonNull(callback, "callback");
    return new PagemapOps(callback, migrateToRam, memoryFailure, folioSplit);
  }

  /** Returns these callbacks, with this one for {@code migrate_to_ram}. */
  public PagemapOps withMigrateToRam(MigrateToRam callback) {
    Objects.requireNonNull(callback, "callback");
    return new PagemapOps(pageFree, callback, memoryFailure, folioSplit);
  }

  /** Returns these callbacks, with this one for {@code memory_failure}. */
  public PagemapOps withMemoryFailure(MemoryFailure callback) {
    Objects.requireNonNull(callback, "callback");
    return new PagemapOps(pageFree, migrateToRam, callback, folioSplit);
  }

  /**
   * Returns these callbacks, with this one for {@code folio_free}: what Linux calls {@code
   * page_free} since 6.19. A machine of any kernel calls it.
   */
  public PagemapOps withFolioFree(PageFree callback) {
    return withPageFree(callback);
  }

  /** Returns these callbacks, with this one for {@code folio_split}. */
  public PagemapOps withFolioSplit(FolioSplit callback) {
    Objects.requireNonNull(callback, "callback");
    return new PagemapOps(pageFree, migrateToRam, memoryFailure, callback);
  }
}
