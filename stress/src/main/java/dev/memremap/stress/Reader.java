// SPDX-License-Identifier: Apache-2.0
package dev.memremap.stress;

import dev.memremap.Machine;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.Page;
import dev.memremap.page.PagemapRange;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Looks up, holds, touches and puts random pages until it is stopped. */
final class Reader implements Runnable {
  private static final long PAGE_SHIFT = 12;
  // the contested slot comes after the writers'
  private static final long PAGES =
      ((PagemapStress.SLOTS + 1) * PagemapStress.SLOT_BYTES) >>> PAGE_SHIFT;

  private final Machine machine;
  private final SplittableRandom random;
  private final Violations violations;
  private volatile boolean stopped;
  private volatile long lookups;
  private volatile long hits;

  Reader(Machine machine, SplittableRandom random, Violations violations) {
    this.machine = machine;
    this.random = random;
    this.violations = violations;
  }

  void stop() {
    stopped = true;
  }

  long lookups() {
    return lookups;
  }

  long hits() {
    return hits;
  }

  @Override
  public void run() {
    DevPagemap hint = null;
    long looked = 0;
    long found = 0;
    try {
      while (!stopped && violations.first() == null) {
        long pfn = (PagemapStress.BASE >>> PAGE_SHIFT) + random.nextLong(PAGES);
        DevPagemap map = machine.getDevPagemap(pfn, hint);
        hint = null;
        looked++;
        if (map == null) {
          continue;
        }
        found++;
        touch(map, pfn);
        if (random.nextInt(4) == 0) {
          holdThroughAPage(map, pfn);
        } else if (random.nextInt(3) == 0) {
          hint = map;
        } else {
          map.put();
        }
      }
      if (hint != null) {
        hint.put();
      }
    } catch (RuntimeException | Error e) {
      violations.add("a reader", e);
    }
    lookups = looked;
    hits = found;
  }

  /** A holder sees the memory of the life it holds, however long it looks. */
  private void touch(DevPagemap map, long pfn) {
    // what an altmap sets aside holds page structures
    for (int i = map.pfnValid(pfn) ? random.nextInt(3) : -1; i >= 0; i--) {
      see(map, memory(map, pfn), "a holder of the map");
    }
  }

  private static @Nullable MemorySegment memory(DevPagemap map, long pfn) {
    for (int i = 0; i < map.ranges().size(); i++) {
      PagemapRange range = map.ranges().get(i);
      long offset = (pfn << PAGE_SHIFT) - range.start();
      if (offset >= 0 && offset < range.sizeBytes()) {
        return map.segment(i).asSlice(offset, 1 << PAGE_SHIFT);
      }
    }
    throw new IllegalStateException("%s was found for page 0x%x".formatted(map, pfn));
  }

  private void see(DevPagemap map, @Nullable MemorySegment page, String who) {
    long stamp = (Long) map.owner().orElseThrow();
    long seen = page == null ? stamp : page.get(ValueLayout.JAVA_LONG, Writer.STAMP_OFFSET);
    if (seen != stamp) {
      violations.add(
          "%s of life %d saw the memory of life %d: %s".formatted(who, stamp, seen, map));
    }
  }

  /** A page keeps its map, although the map itself was put. */
  private void holdThroughAPage(DevPagemap map, long pfn) {
    Page page = machine.page(pfn);
    if (page == null || !page.isUsable()) {
      map.put();
      return;
    }
    if (!page.tryGet()) {
      violations.add("%s is held, and its %s could not be taken".formatted(map, page));
    }
    map.put();
    if (random.nextInt(8) == 0) {
      Thread.onSpinWait();
    }
    see(map, page.segment(), "a holder of a page");
    page.zoneDeviceData((Long) map.owner().orElseThrow());
    long data = page.zoneDeviceData();
    if (data != (Long) map.owner().orElseThrow()) {
      violations.add("%s has data of life %d".formatted(page, data));
    }
    if (page.head().refCount() < 2) {
      violations.add("%s is held and counts %d".formatted(page, page.head().refCount()));
    }
    page.put();
  }
}
