// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import dev.memremap.internal.event.LookupMissEvent;
import dev.memremap.internal.event.MemoryFailureEvent;
import dev.memremap.internal.event.PageFreedEvent;
import dev.memremap.internal.event.PagemapEvent;
import dev.memremap.page.FailureOutcome;
import dev.memremap.page.Page;
import java.util.concurrent.ThreadLocalRandom;
import jdk.jfr.FlightRecorder;

/**
 * Writes events about page maps to a flight recording. Without a recorder it loads no event class,
 * which would slow the start down. An event that finds no room in the heap is left out: what it
 * tells of has to go on.
 */
final class PagemapWatch {
  private static final int RECORDED_MISSES = 64;

  private PagemapWatch() {}

  /** A map was registered, killed, drained or released. */
  static void step(String step, PagemapLife life) {
    if (!FlightRecorder.isInitialized()) {
      return;
    }
    try {
      PagemapEvent event = new PagemapEvent();
      event.step = step;
      event.map = life.toString();
      event.start = life.ranges().getFirst().range().start();
      event.pages = LiveRange.sum(life.ranges(), LiveRange::pages);
      event.references = life.ref().references();
      event.commit();
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
    if (!FlightRecorder.isInitialized()) {
      return;
    }
    try {
      PageFreedEvent event = new PageFreedEvent();
      event.pfn = page.pfn();
      event.map = String.valueOf(page.pgmap());
      event.commit();
    } catch (OutOfMemoryError noRoom) {
      // left out
    }
  }

  /** Broken memory was reported. */
  static void failed(long pfn, long count, FailureOutcome outcome) {
    if (!FlightRecorder.isInitialized()) {
      return;
    }
    try {
      MemoryFailureEvent event = new MemoryFailureEvent();
      event.pfn = pfn;
      event.pages = count;
      event.outcome = outcome.sentence();
      event.commit();
    } catch (OutOfMemoryError noRoom) {
      // left out
    }
  }
}
