// SPDX-License-Identifier: Apache-2.0

import static dev.memremap.page.MemoryType.GENERIC;

import dev.memremap.Device;
import dev.memremap.Machine;
import dev.memremap.PageHold;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.PagemapOps;
import dev.memremap.resource.PhysRange;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A pool of page buffers on a memory device that is unplugged while readers run.
 *
 * <p>Readers hold a page by its number, use its bytes and close the hold. When the device is
 * released, holds turn null, readers that have one finish, and the memory goes after the last of
 * them. No reader ever meets memory that is gone, whatever others do: a hold is closed once, and
 * nothing else ends it.
 *
 * <pre>java -cp core/target/classes examples/java/BufferPool.java examples/machines/cxl.iomem</pre>
 */
final class BufferPool {
  private static final PhysRange DAX = PhysRange.parse("0x280000000+64M");
  private static final int READERS = 4;

  private BufferPool() {}

  public static void main(String[] args) throws InterruptedException {
    AtomicLong used = new AtomicLong();
    AtomicLong freed = new AtomicLong();
    try (Machine machine = Machine.simulated(Path.of(args[0]))) {
      Device device = machine.device("dax1.0");
      DevPagemap pool =
          DevPagemap.over(DAX)
              .type(GENERIC)
              .ops(PagemapOps.none().withPageFree(page -> freed.incrementAndGet()))
              .name("pool")
              .build();
      device.memremapPages(pool);

      List<Thread> readers = new ArrayList<>();
      for (int i = 0; i < READERS; i++) {
        SplittableRandom random = new SplittableRandom(i);
        readers.add(Thread.ofVirtual().start(() -> read(machine, random, used)));
      }
      while (used.get() < 1000) {
        Thread.sleep(1);
      }

      device.release(); // waits for the readers that hold a page
      System.out.println("unplugged: the pool is "
              + (pool.state() == DevPagemap.State.UNMAPPED ? "gone" : "still mapped"));
      for (Thread reader : readers) {
        reader.join();
      }
      System.out.println("readers used pages: " + (used.get() > 0 ? "yes" : "no"));
      System.out.println("page maps left: " + machine.pagemaps().size());
    }
  }

  /** Uses random pages until lookups do not find them any more. */
  private static void read(Machine machine, SplittableRandom random, AtomicLong used) {
    while (true) {
      long pfn = random.nextLong(DAX.firstPfn(machine.pageSize()), DAX.lastPfn(machine.pageSize()) + 1);
      try (PageHold page = machine.hold(pfn)) {
        if (page == null) {
          return; // gone
        }
        MemorySegment bytes = page.segment();
        bytes.set(ValueLayout.JAVA_LONG, 0, pfn);
        if (bytes.get(ValueLayout.JAVA_LONG, 0) != pfn) {
          throw new AssertionError("another page's bytes");
        }
        used.incrementAndGet();
      }
    }
  }
}
