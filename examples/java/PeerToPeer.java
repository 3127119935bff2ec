// SPDX-License-Identifier: Apache-2.0

import static dev.memremap.plan.MemremapFlag.WB;
import static dev.memremap.page.MemoryType.PCI_P2PDMA;

import dev.memremap.Device;
import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.PageHold;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.Page;
import dev.memremap.page.PagemapOps;
import dev.memremap.resource.PhysRange;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A buffer in one PCI device's memory that another device works on: the first gives its window page
 * structures, hands pages out by number, and hears when they come back.
 *
 * <pre>java -cp core/target/classes examples/java/PeerToPeer.java examples/machines/cxl.iomem</pre>
 */
final class PeerToPeer {
  private static final PhysRange BAR = PhysRange.parse("0xd0000000+4M");

  private PeerToPeer() {}

  public static void main(String[] args) {
    ConcurrentLinkedQueue<Long> free = new ConcurrentLinkedQueue<>();
    try (Machine machine = Machine.simulated(Path.of(args[0]))) {
      Device storage = machine.newDevice("storage controller");
      DevPagemap window =
          DevPagemap.over(BAR)
              .type(PCI_P2PDMA)
              .ops(PagemapOps.none().withPageFree(page -> free.add(page.pfn())))
              .name("window")
              .build();
      storage.memremapPages(window);
      System.out.println("the window is " + window.cacheMode());

      // the storage controller fills a page and passes its number on, with a reference
      Page filled = machine.pfnToPage(BAR.firstPfn(machine.pageSize()) + 3);
      filled.get();
      MemorySegment.copy(
          MemorySegment.ofArray("sector 42".getBytes(StandardCharsets.UTF_8)), 0,
          filled.segment(), 0, 9);
      long passedOn = machine.pageToPfn(filled);

      // the network card finds the page by its number and sends what is in it
      Page toSend = machine.pfnToPage(passedOn);
      try (PageHold sending = machine.hold(passedOn)) {
        byte[] sent = sending.segment().asSlice(0, 9).toArray(ValueLayout.JAVA_BYTE);
        System.out.println("sent: " + new String(sent, StandardCharsets.UTF_8));
      }
      toSend.put(); // the reference that came with the number
      System.out.println("the page counts " + toSend.refCount());

      // its first reference is the window's own: dropping it frees the page
      toSend.put();
      System.out.println("free again: " + free.size() + " page, counting " + toSend.refCount());

      // no alias of the window may be cached
      try (Mapping alias = machine.memremap(BAR, WB)) {
        System.out.println("an alias asked for WB is " + alias.cacheMode());
      }
      storage.release();
      System.out.println("unplugged: " + machine.page(passedOn));
    }
  }
}
