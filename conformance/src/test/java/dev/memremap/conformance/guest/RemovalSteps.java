// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance.guest;

import static dev.memremap.page.MemoryType.PCI_P2PDMA;
import static dev.memremap.plan.MemremapFlag.WC;
import static dev.memremap.spi.HostMemory.Permission.ENABLE;

import dev.memremap.Device;
import dev.memremap.Machine;
import dev.memremap.cache.CacheMode;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.Page;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.MemremapException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A device that is pulled while its memory has page structures and readers. */
final class RemovalSteps {
  private RemovalSteps() {}

  static List<Step> all() {
    return List.of(
        new Step(
            "a pulled device's pages are found no more, and its readers drain",
            RemovalSteps::pulled));
  }

  private static void pulled() throws Exception {
    try (Machine machine = Machine.host(ENABLE)) {
      String name = Computer.pci(machine, Computer.IVSHMEM).name();
      Device device = machine.device(name);
      PhysRange bar = device.bar(2);
      DevPagemap map = DevPagemap.over(bar).type(PCI_P2PDMA).name("window").build();
      device.memremapPages(map);
      Expect.equal(CacheMode.UC_MINUS, map.cacheMode(), "mode");
      long pfn = bar.firstPfn(4096) + Pattern.PAGE_OF_BAR.barOffset() / 4096;
      CompletableFuture<Boolean> killedFirst = new CompletableFuture<>();
      device.devres().addAction(() -> killedFirst.complete(map.state() != DevPagemap.State.LIVE));
      DevPagemap reader = machine.getDevPagemap(pfn, null);
      Page page = machine.pfnToPage(pfn);
      page.get();
      Pattern.PAGE_OF_BAR.storeIn(page.segment(), 0);

      Computer.write("/sys/bus/pci/devices/" + name + "/remove", "1");
      Expect.that(within(() -> map.state() != DevPagemap.State.LIVE), "the map is killed");
      Expect.equal(null, machine.getDevPagemap(pfn, null), "a lookup once it is killed");
      Expect.that(map.state() != DevPagemap.State.UNMAPPED, "the map waits for its readers");
      System.out.println("  reading what was pulled gives " + outcomeOfReading(page));
      page.put();
      reader.put();
      Expect.that(
          within(() -> map.state() == DevPagemap.State.UNMAPPED),
          "the map goes with its last reader");
      Expect.that(
          killedFirst.get(limitMillis(), TimeUnit.MILLISECONDS),
          "the map was killed before anything was released");
      Expect.equal(0, machine.pagemaps().size(), "page maps left");
      try {
        machine.memremap(bar, WC).close();
        throw new AssertionError("a device that was pulled was mapped");
      } catch (MemremapException e) {
        System.out.println("  refused: " + e.getMessage());
      }
    } finally {
      Computer.write("/sys/bus/pci/rescan", "1");
    }
    try (Machine machine = Machine.host(ENABLE)) {
      Computer.pci(machine, Computer.IVSHMEM);
    }
  }

  /**
   * Linux 6.1 leaves the pages of a removed BAR in a process, and QEMU's device is there still, so
   * this one reads its bytes. Ones or an error are as good; that the JVM lives is what counts.
   */
  private static String outcomeOfReading(Page page) {
    try {
      Pattern.PAGE_OF_BAR.requireIn(page.segment(), 0, "a device that was pulled");
      return "its bytes";
    } catch (InternalError e) {
      return e.toString();
    }
  }

  /** Set in the guest alone; the host only counts the steps. */
  private static long limitMillis() {
    return Long.parseLong(System.getProperty(Inside.LIMIT_MILLIS));
  }

  private interface Condition {
    boolean holds();
  }

  private static boolean within(Condition condition) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(limitMillis());
    while (!condition.holds()) {
      if (System.nanoTime() - deadline >= 0) {
        return false;
      }
      Thread.sleep(10);
    }
    return true;
  }
}
