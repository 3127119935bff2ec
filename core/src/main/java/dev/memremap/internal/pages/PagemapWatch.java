// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import dev.memremap.internal.event.LookupMissEvent;
import dev.memremap.internal.event.Tracepoints;
import dev.memremap.page.FailureOutcome;
import dev.memremap.page.Page;
import java.util.concurrent.ThreadLocalRandom;
import jdk.jfr.FlightRecorder;

/**
 * Tells what happens to page maps, if anything looks. What finds no room in the heap is left out:
 * what it tells of has to go on.
 */
final class PagemapWatch {
  private static final int RECORDED_MISSES = 64;

  private PagemapWatch() {}

  /** A map was registered, killed, drained or released. */
  static void step(String step, PagemapLife life) {
    if (!Tracepoints.areOn()) {
      return;
    }
    try {
      Tracepoints.pagemap(
          step,
          life.toString(),
          life.ranges().getFirst().range().start(),
          LiveRange.sum(life.ranges(), LiveRange::pages),
          life.ref().references());
    } catch (OutOfMemoryError noRoom) {
      // left out
    }
  }

  /** A lookup found no live map; one of 64 is recorded. */
  static void missed(long pfn) {
    if (FlightRecorder.isInitialized()
        && ThreadLocalRandom.current().nextInt(RECORDED_MISSES) == 0) {
      LookupMissEvent event = new LookupMissEvent();
      event.pfn = pfn;
      event.commit();
    }
  }

  /** A page's last reference was dropped. */
  static void freed(Page page) {
    if (!Tracepoints.areOn()) {
      return;
    }
    try {
      Tracepoints.pageFreed(page.pfn(), String.valueOf(page.pgmap()));
    } catch (OutOfMemoryError noRoom) {
      // left out
    }
  }

  /** Broken memory was reported. */
  static void failed(long pfn, long count, FailureOutcome outcome) {
    if (!Tracepoints.areOn()) {
      return;
    }
    try {
      Tracepoints.memoryFailure(pfn, count, outcome.sentence());
    } catch (OutOfMemoryError noRoom) {
      // left out
    }
  }
}
