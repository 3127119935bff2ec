// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance.guest;

import static dev.memremap.page.MemoryType.GENERIC;
import static dev.memremap.plan.MemremapFlag.WB;

import dev.memremap.Device;
import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.Page;
import dev.memremap.page.PagemapOps;
import dev.memremap.resource.PhysRange;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/** Page structures for all of a device DAX: {@code devm_memremap_pages} on real memory. */
final class PageMapSteps {
  private static final int READERS = 3;
  private static final int PAGES = 64;
  private static final int USES = 3000;

  private PageMapSteps() {}

  static List<Step> all() {
    return List.of(
        new Step(
            "W-10 a page of a device DAX is found by its number, held and put",
            PageMapSteps::onePage),
        new Step(
            "DR-7, D-4 a release kills, waits for whoever holds a page, and unmaps",
            PageMapSteps::waits),
        new Step("a page map goes under readers, and its bytes stay", PageMapSteps::underReaders));
  }

  private static DevPagemap over(Device device, AtomicLong freed) {
    DevPagemap map =
        DevPagemap.over(device.range())
            .type(GENERIC)
            .ops(PagemapOps.none().withPageFree(page -> freed.incrementAndGet()))
            .name("dax")
            .build();
    device.memremapPages(map);
    return map;
  }

  private static void onePage() {
    try (Machine machine = Machine.host()) {
      Device device = machine.device("dax0.0");
      AtomicLong freed = new AtomicLong();
      DevPagemap map = over(device, freed);
      long pfn = device.range().firstPfn(4096) + 1027;
      Computer.tellPlace(machine, Pattern.DAX_PAGE, pfn << 12);
      DevPagemap found = machine.getDevPagemap(pfn, null);
      Expect.that(found == map, "the map that was made is found");
      Page page = machine.pfnToPage(pfn);
      page.get();
      Pattern.DAX_PAGE.storeIn(page.segment(), 0);
      page.put();
      map.put();
      Expect.equal(1, page.refCount(), "the page's count");
      page.put();
      Expect.equal(1L, freed.get(), "pages freed");
      Expect.equal(
          null, machine.getDevPagemap(device.range().lastPfn(4096) + 1, null), "beyond the device");
      device.release();
      try (Mapping mapping =
          machine.memremap(Computer.part(device.range(), 1027 * 4096L, 4096), WB)) {
        Pattern.DAX_PAGE.requireIn(mapping.segment(), 0, "the device without page structures");
      }
    }
  }

  private static void waits() throws Exception {
    try (Machine machine = Machine.host()) {
      Device device = machine.device("dax0.0");
      DevPagemap map = over(device, new AtomicLong());
      long pfn = device.range().firstPfn(4096) + 5;
      Page held = machine.pfnToPage(pfn);
      held.get();
      held.segment().set(ValueLayout.JAVA_LONG, 0, pfn);

      CompletableFuture<Integer> release = CompletableFuture.supplyAsync(device::release);
      while (map.state() != DevPagemap.State.DRAINING) {
        Thread.sleep(10);
      }
      Expect.equal(null, machine.getDevPagemap(pfn, null), "a lookup once it is killed");
      Expect.that(!release.isDone(), "the release waits for the page");
      Expect.equal(pfn, held.segment().get(ValueLayout.JAVA_LONG, 0), "the page that is held");
      held.put();
      Expect.equal(1, release.get(), "resources released");
      Expect.that(map.state() == DevPagemap.State.UNMAPPED, "the map is gone");
    }
  }

  private static void underReaders() throws Exception {
    try (Machine machine = Machine.host()) {
      Device device = machine.device("dax0.0");
      over(device, new AtomicLong());
      PhysRange range = device.range();
      for (long pfn = range.firstPfn(4096); pfn < range.firstPfn(4096) + PAGES; pfn++) {
        machine.pfnToPage(pfn).segment().set(ValueLayout.JAVA_LONG, 8, ~pfn);
      }
      AtomicLong uses = new AtomicLong();
      List<CompletableFuture<Void>> readers = new ArrayList<>();
      for (int i = 0; i < READERS; i++) {
        SplittableRandom random = new SplittableRandom(i);
        readers.add(CompletableFuture.runAsync(() -> read(machine, range, random, uses)));
      }
      while (uses.get() < USES && readers.stream().noneMatch(CompletableFuture::isDone)) {
        Thread.sleep(10);
      }
      device.release();
      for (CompletableFuture<Void> reader : readers) {
        reader.get();
      }
      System.out.println("  pages used before and while the map went: " + uses);
      Expect.equal(0, machine.pagemaps().size(), "page maps left");
      try (Mapping mapping = machine.memremap(Computer.part(range, 0, PAGES * 4096L), WB)) {
        for (int i = 0; i < PAGES; i++) {
          Expect.equal(
              ~(range.firstPfn(4096) + i), mapping.load(i * 4096L + 8, 64), "bytes of page " + i);
        }
      }
    }
  }

  /** Uses pages until none is found any more. */
  private static void read(
      Machine machine, PhysRange range, SplittableRandom random, AtomicLong uses) {
    while (true) {
      long pfn = range.firstPfn(4096) + random.nextInt(PAGES);
      DevPagemap map = machine.getDevPagemap(pfn, null);
      if (map == null) {
        return;
      }
      Page page = machine.pfnToPage(pfn);
      page.get();
      map.put();
      // now the page alone keeps the memory
      long found = page.segment().get(ValueLayout.JAVA_LONG, 8);
      page.put();
      Expect.equal(~pfn, found, "a reader's bytes");
      uses.incrementAndGet();
    }
  }
}
