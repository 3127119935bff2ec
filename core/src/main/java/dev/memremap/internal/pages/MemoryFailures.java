// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import static dev.memremap.internal.pages.PagemapAccess.access;

import dev.memremap.internal.stack.StackRoom;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.FailureOutcome;
import dev.memremap.page.Page;
import dev.memremap.page.PagemapOps;
import dev.memremap.rule.Errno;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is done about broken device memory: {@code memory_failure} (MF-1 to MF-4). */
final class MemoryFailures {
  /** The caller holds the first page, and its reference goes: {@code MF_COUNT_INCREASED}. */
  private static final int MF_COUNT_INCREASED = 1;

  private MemoryFailures() {}

  /**
   * MF-1: broken memory.
   *
   * @param life of the map that has the first broken page; null if no map has it
   */
  static FailureOutcome report(@Nullable PagemapLife life, long pfn, long count, int flags) {
    StackRoom.touch();
    if (count < 1) {
      throw new IllegalArgumentException("a failure is of one page at least, not of " + count);
    }
    FailureOutcome outcome = holding(life, pfn, count, flags);
    PagemapWatch.failed(pfn, count, outcome);
    return outcome;
  }

  private static FailureOutcome holding(
      @Nullable PagemapLife life, long pfn, long count, int flags) {
    if (life == null || !life.getLive()) {
      return outside(pfn, life == null ? "no page map covers it" : life + " was killed");
    }
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
  private static FailureOutcome handle(
      DevPagemap map, PagemapLife life, long pfn, long count, int flags) {
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
  private static FailureOutcome poison(
      DevPagemap map, PagemapLife life, LiveRange range, long pfn, long count) {
    if (life.type().isHandedOut()) {
      return failed(
          map,
          Errno.ENXIO,
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

  private static FailureOutcome outside(long pfn, String why) {
    return new FailureOutcome.Failed(
        null,
        false,
        new Refusal(
            Errno.ENXIO, Rule.MF_1, "page 0x%x is outside our control: %s".formatted(pfn, why)));
  }

  private static FailureOutcome failed(
      DevPagemap map, Errno errno, boolean byCallback, Rule rule, String sentence) {
    return new FailureOutcome.Failed(map, byCallback, new Refusal(errno, rule, sentence));
  }
}
