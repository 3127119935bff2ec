// SPDX-License-Identifier: Apache-2.0
package dev.memremap.stress;

import dev.memremap.Device;
import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.page.Page;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.ref.PercpuRef;
import dev.memremap.resource.PhysRange;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Maps, kills and unmaps in slots of its own until it is stopped. */
final class Writer implements Runnable {
  /** Where in each page its life's number stands. */
  static final long STAMP_OFFSET = 2048;

  private static final AtomicLong LIFE = new AtomicLong();
  private static final long SUBSECTION = 2L << 20;
  private static final List<MemoryType> TYPES =
      List.of(MemoryType.GENERIC, MemoryType.FS_DAX, MemoryType.PCI_P2PDMA);

  private static final int SLOTS_KEPT = PagemapStress.SLOTS / PagemapStress.WRITERS;

  /**
   * A map that is mapped, the caller's reference if it has one, and the device if one manages it.
   */
  private record Kept(
      DevPagemap map, @Nullable PercpuRef ref, AtomicInteger released, @Nullable Device device) {}

  private final Machine machine;
  private final SplittableRandom random;
  private final Violations violations;
  private final int index;
  private final int writers;
  private final @Nullable Kept[] live = new @Nullable Kept[SLOTS_KEPT];
  private volatile boolean stopped;
  private volatile long lives;

  Writer(Machine machine, SplittableRandom random, Violations violations, int index, int writers) {
    this.machine = machine;
    this.random = random;
    this.violations = violations;
    this.index = index;
    this.writers = writers;
  }

  void stop() {
    stopped = true;
  }

  long lives() {
    return lives;
  }

  @Override
  public void run() {
    long made = 0;
    try {
      while (!stopped && violations.first() == null) {
        int slot = random.nextInt(SLOTS_KEPT);
        Kept kept = live[slot];
        if (kept != null) {
          end(kept);
        }
        live[slot] = begin(slot * writers + index);
        made++;
      }
      for (Kept kept : live) {
        if (kept != null) {
          end(kept);
        }
      }
    } catch (InterruptedException | RuntimeException | Error e) {
      violations.add("a writer", e);
    }
    lives = made;
  }

  private Kept begin(int slot) {
    long start = PagemapStress.BASE + slot * PagemapStress.SLOT_BYTES;
    long life = LIFE.incrementAndGet();
    stamp(start, life);
    AtomicInteger released = new AtomicInteger();
    PercpuRef ref = random.nextBoolean() ? PercpuRef.init(released::incrementAndGet) : null;
    DevPagemap map = fill(start, life, ref);
    boolean managed = random.nextBoolean();
    if (managed) {
      // a device of its own: its release must release this map alone
      Device device = machine.newDevice("device of life " + life);
      device.memremapPages(map);
      return new Kept(map, ref, released, device);
    }
    machine.memremapPages(map);
    return new Kept(map, ref, released, null);
  }

  private void end(Kept kept) throws InterruptedException {
    DevPagemap map = kept.map;
    PercpuRef ref = kept.ref;
    if (ref != null && random.nextInt(4) != 0) {
      ref.kill();
    }
    unmap(map, kept.device);
    if (ref != null) {
      if (!ref.awaitZero(Hang.AFTER)) {
        violations.add("%s never drained: %s".formatted(map, ref));
      }
      ref.exit();
      if (kept.released.get() != 1) {
        violations.add("%s was released %d times".formatted(map, kept.released.get()));
      }
    }
    if (map.state() != DevPagemap.State.UNMAPPED) {
      violations.add(map + " has drained and is mapped all the same");
    }
    Page page = machine.page(map.range().firstPfn(machine.pageSize()));
    if (page != null) {
      violations.add(map + " is gone, and is found: " + page);
    }
  }

  private void unmap(DevPagemap map, @Nullable Device device) {
    if (device == null) {
      machine.memunmapPages(map);
    } else if (random.nextBoolean()) {
      device.release();
    } else {
      device.memunmapPages(map);
    }
  }

  /** One range or two, with an altmap or without, of single pages or of compound ones. */
  private DevPagemap fill(long start, long life, @Nullable PercpuRef ref) {
    DevPagemap.Builder builder =
        DevPagemap.over()
            .type(TYPES.get(random.nextInt(TYPES.size())))
            .owner(life)
            .name("life " + life);
    if (random.nextInt(3) == 0) {
      builder.range(start, SUBSECTION).range(start + 2 * SUBSECTION, 2 * SUBSECTION);
    } else {
      builder.range(start, PagemapStress.SLOT_BYTES - random.nextInt(3) * SUBSECTION);
      if (random.nextInt(3) == 0) {
        builder.altmap(0, 64, machine.pageSize());
      } else if (random.nextInt(2) == 0) {
        builder.vmemmapShift(9);
      }
    }
    if (ref != null) {
      builder.ref(ref);
    }
    return builder.build();
  }

  private void stamp(long start, long life) {
    PhysRange slot = PhysRange.of(start, PagemapStress.SLOT_BYTES);
    try (Mapping mapping = machine.memremap(slot, MemremapFlag.WB)) {
      MemorySegment memory = mapping.segment();
      for (long page = 0; page < memory.byteSize(); page += 4096) {
        memory.set(ValueLayout.JAVA_LONG, page + STAMP_OFFSET, life);
      }
    }
  }
}
