// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import static dev.memremap.internal.kernel.KernelChange.HANDED_OUT_IS_ENXIO;
import static dev.memremap.internal.kernel.KernelChange.NO_STRUCTURE_IS_EBUSY;
import static dev.memremap.internal.pages.PagemapAccess.access;

import dev.memremap.internal.kernel.KernelChange;
import dev.memremap.internal.space.AddressSpace;
import dev.memremap.internal.stack.StackRoom;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.FailureOutcome;
import dev.memremap.page.MemoryType;
import dev.memremap.page.Page;
import dev.memremap.page.PageMapping;
import dev.memremap.page.PagemapOps;
import dev.memremap.rule.Errno;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is done about broken device memory: {@code memory_failure} (MF-1 to MF-4).
 *
 * <p>Thread safety: immutable.
 *
 * @param space of the machine
 */
record MemoryFailures(AddressSpace space) {
  /** The caller holds the first page, and its reference goes: {@code MF_COUNT_INCREASED}. */
  private static final int MF_COUNT_INCREASED = 1;

  /**
   * MF-1: broken memory.
   *
   * @param life of the map that has the first broken page; null if no map has it
   * @param structured whether the first broken page has a structure, in a map or as System RAM
   */
  FailureOutcome report(
      @Nullable PagemapLife life, boolean structured, long pfn, long count, int flags) {
    StackRoom.touch();
    if (count < 1) {
      throw new IllegalArgumentException("a failure is of one page at least, not of " + count);
    }
    FailureOutcome outcome =
        life != null && life.getLive()
            ? holding(life, pfn, count, flags)
            : outside(life, structured, pfn);
    PagemapWatch.failed(pfn, count, outcome);
    return outcome;
  }

  /** The map is held, and put. */
  private FailureOutcome holding(PagemapLife life, long pfn, long count, int flags) {
    FailureOutcome outcome = null;
    Throwable failed = null;
    try {
      outcome = handle(life.map(), life, pfn, count, flags);
    } catch (Throwable e) {
      failed = e;
    }
    life.putAfter(1, failed);
    return Objects.requireNonNull(outcome);
  }

  /**
   * Handles broken pages of a map.
   *
   * @param map held by the caller
   */
  private FailureOutcome handle(DevPagemap map, PagemapLife life, long pfn, long count, int flags) {
    if ((flags & MF_COUNT_INCREASED) != 0) {
      Page page = access().page(life, pfn);
      if (page != null && page.isUsable()) {
        page.put();
      }
    }
    LiveRange range = life.rangeOf(pfn);
    if (range == null
        || pfn < range.firstUsablePfn()
        || Long.compareUnsigned(count - 1, range.lastPfn() - pfn) > 0) {
      return failed(
          map,
          Errno.ENXIO,
          false,
          Rule.MF_2,
          "not all of it is pages with a structure of one range of " + map);
    }
    PagemapOps.MemoryFailure callback = map.ops().memoryFailure();
    if (callback != null) {
      @SuppressWarnings("OptionalAssignedToNull") // a user's callback may return anything
      Optional<Errno> answer = callback.memoryFailure(map, pfn, count, flags);
      if (answer == null) {
        throw new IllegalStateException(
            "the memory_failure of %s returned null; it returns empty where it handled the failure, or an errno [%s]"
                .formatted(map, Rule.D_5.id()));
      }
      if (answer.isEmpty()) {
        return new FailureOutcome.Recovered(
            map, true, 0, Rule.MF_2, "the callback of " + map + " handled it");
      }
      if (answer.get() != Errno.EOPNOTSUPP) {
        return failed(
            map,
            answer.get(),
            true,
            Rule.MF_2,
            "the callback of %s answered %s".formatted(map, answer.get()));
      }
    }
    return poison(map, life, range, pfn, count);
  }

  /** MF-3: the generic handler. */
  private FailureOutcome poison(
      DevPagemap map, PagemapLife life, LiveRange range, long pfn, long count) {
    String notLocked = notLocked(life, range, pfn, count);
    if (notLocked != null) {
      return failed(map, Errno.EBUSY, false, Rule.MF_3, notLocked);
    }
    if (life.type().isHandedOut()) {
      return failed(
          map,
          has(HANDED_OUT_IS_ENXIO) ? Errno.ENXIO : Errno.EBUSY,
          false,
          Rule.MF_3,
          "%s pages are left to their driver, and %s has no callback for it"
              .formatted(life.type(), map));
    }
    long poisoned = 0;
    long compound = 1L << range.shift();
    for (long head = range.headOf(pfn); head <= pfn + count - 1; head += compound) {
      life.memmap().word(range, head).flag(PageWord.POISONED, true);
      poisoned++;
    }
    return new FailureOutcome.Recovered(
        map,
        false,
        poisoned,
        Rule.MF_3,
        "%d pages of %s are marked poisoned".formatted(poisoned, map));
  }

  /**
   * {@code dax_lock_folio}: a page can be locked if DAX maps it.
   *
   * @return why the first page that cannot be locked cannot; null if all can
   */
  private @Nullable String notLocked(PagemapLife life, LiveRange range, long pfn, long count) {
    AttachedMappings attached = new AttachedMappings(space);
    long compound = 1L << range.shift();
    for (long head = range.headOf(pfn); head <= pfn + count - 1; head += compound) {
      Page page = life.page(Math.max(head, pfn));
      PageMapping mapping = page.mapping();
      if (mapping == null && life.type() != MemoryType.PCI_P2PDMA) {
        mapping = attached.at(range.geometry().address(page.pfn()));
      }
      if (mapping == null) {
        return "page 0x%x has no mapping: no DAX file or device maps it".formatted(page.pfn());
      }
      if (!mapping.kind().isDax()) {
        return "page 0x%x is mapped by %s, a file without DAX"
            .formatted(page.pfn(), mapping.name());
      }
    }
    return null;
  }

  private FailureOutcome outside(@Nullable PagemapLife life, boolean structured, long pfn) {
    String why =
        life != null
            ? life + " was killed"
            : structured ? "no page map covers it" : "it has no page structure";
    boolean busy = !structured && has(NO_STRUCTURE_IS_EBUSY);
    return new FailureOutcome.Failed(
        null,
        false,
        new Refusal(
            busy ? Errno.EBUSY : Errno.ENXIO,
            Rule.MF_1,
            "page 0x%x is outside our control: %s".formatted(pfn, why)));
  }

  private boolean has(KernelChange change) {
    return space.platform().kernel().has(change);
  }

  private static FailureOutcome failed(
      DevPagemap map, Errno errno, boolean byCallback, Rule rule, String sentence) {
    return new FailureOutcome.Failed(map, byCallback, new Refusal(errno, rule, sentence));
  }
}
