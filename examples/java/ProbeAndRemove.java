// SPDX-License-Identifier: Apache-2.0

import static dev.memremap.plan.MemremapFlag.WC;
import static dev.memremap.page.MemoryType.GENERIC;

import dev.memremap.Device;
import dev.memremap.Lookup;
import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.page.DevPagemap;
import dev.memremap.ref.PercpuRef;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.MemremapException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A driver's probe and remove, with a reference of its own, as the document's note 3 asks for it:
 * what waits and exits is registered first, the map second, what kills last. The release runs
 * newest first, so it kills, unmaps, waits and exits, and the driver's remove is one line. A probe
 * that fails half way undoes what it did by the same line.
 *
 * <pre>java -cp core/target/classes examples/java/ProbeAndRemove.java examples/machines/cxl.iomem</pre>
 */
final class ProbeAndRemove {
  private static final PhysRange FRAMES = PhysRange.parse("0xd0000000+1M");
  private static final PhysRange MEMORY = PhysRange.parse("0x280000000+16M");
  private static final PhysRange RAM = PhysRange.parse("0x10000000+16M");

  private ProbeAndRemove() {}

  public static void main(String[] args) throws InterruptedException {
    try (Machine machine = Machine.simulated(Path.of(args[0]))) {
      Device device = machine.newDevice("accelerator");

      DevPagemap map = probe(device, MEMORY);
      long pfn = MEMORY.firstPfn(machine.pageSize());
      Lookup held = machine.lookup(pfn);
      System.out.println("probed: " + map);
      Thread reader = Thread.ofVirtual().start(() -> readUntilKilled(held));

      device.release(); // remove
      reader.join();
      System.out.println("removed: a lookup finds " + machine.lookup(pfn));

      try {
        probe(device, RAM);
      } catch (MemremapException e) {
        device.release();
        System.out.println("a failed probe: " + e.errno() + ", " + e.rule().id());
      }
      System.out.println("left behind: " + machine.liveMappings().size() + " mappings, "
          + machine.pagemaps().size() + " page maps, " + device.devres().size() + " resources");
    }
  }

  private static DevPagemap probe(Device device, PhysRange memory) {
    Mapping frames = device.memremap(FRAMES, WC);
    System.out.println("frames are " + frames.cacheMode());

    PercpuRef ref = PercpuRef.init(() -> System.out.println("  drained"));
    device.devres().addAction(() -> exit(ref)); // runs last
    DevPagemap map = DevPagemap.over(memory).type(GENERIC).ref(ref).name("memory").build();
    device.memremapPages(map); // its unmapping runs second
    device.devres().addAction(() -> kill(ref)); // runs first
    return map;
  }

  private static void kill(PercpuRef ref) {
    System.out.println("  kill");
    ref.kill();
  }

  private static void exit(PercpuRef ref) {
    if (!ref.isDying()) {
      ref.kill(); // the probe failed before the map was made
    }
    try {
      if (!ref.awaitZero(Duration.ofMinutes(10))) {
        throw new IllegalStateException("somebody still holds " + ref);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    ref.exit();
    System.out.println("  exit");
  }

  /** Reads on, and lets go when the map is about to go. */
  private static void readUntilKilled(Lookup held) {
    try (held) {
      while (held.map().state() == DevPagemap.State.LIVE) {
        Thread.yield();
      }
      System.out.println("  the reader is done with " + held.map().segment().byteSize() / 1024 + " KiB");
    }
  }
}
