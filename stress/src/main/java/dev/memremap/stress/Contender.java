// SPDX-License-Identifier: Apache-2.0
package dev.memremap.stress;

import dev.memremap.Machine;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.ref.PercpuRef;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.jspecify.annotations.Nullable;

/**
 * Maps ranges that another contender maps too, until it is stopped. Of two maps over the same page
 * frames one must be refused, as a live one's rival (D-2) or a draining one's (C-13).
 *
 * <p>The memory here is never written, so its life's number is zero.
 */
final class Contender implements Runnable {
  private static final long SUBSECTION = 2L << 20;
  private static final int SUBSECTIONS = (int) (PagemapStress.SLOT_BYTES / SUBSECTION);
  private static final long START =
      PagemapStress.BASE + PagemapStress.SLOTS * PagemapStress.SLOT_BYTES;

  private final Machine machine;
  private final SplittableRandom random;
  private final Violations violations;
  private final AtomicIntegerArray owners;
  private volatile boolean stopped;
  private volatile long granted;
  private volatile long refused;

  Contender(
      Machine machine, SplittableRandom random, Violations violations, AtomicIntegerArray owners) {
    this.machine = machine;
    this.random = random;
    this.violations = violations;
    this.owners = owners;
  }

  /** How many maps lie over each subsection, for all contenders. */
  static AtomicIntegerArray owners() {
    return new AtomicIntegerArray(SUBSECTIONS);
  }

  void stop() {
    stopped = true;
  }

  long granted() {
    return granted;
  }

  long refused() {
    return refused;
  }

  @Override
  public void run() {
    long maps = 0;
    long refusals = 0;
    try {
      while (!stopped && violations.first() == null) {
        if (contend()) {
          maps++;
        } else {
          refusals++;
        }
      }
    } catch (InterruptedException | RuntimeException | Error e) {
      violations.add("a contender", e);
    }
    granted = maps;
    refused = refusals;
  }

  private boolean contend() throws InterruptedException {
    int first = random.nextInt(SUBSECTIONS);
    int end = first + 1 + random.nextInt(SUBSECTIONS - first);
    PercpuRef ref = random.nextBoolean() ? PercpuRef.init() : null;
    DevPagemap map = fill(first, end, ref);
    try {
      machine.memremapPages(map);
    } catch (MemremapException e) {
      if (e.errno() != Errno.ENOMEM && e.errno() != Errno.EEXIST) {
        violations.add("a rival of a map was refused otherwise: " + e.getMessage());
      }
      if (map.state() != DevPagemap.State.UNMAPPED) {
        violations.add(map + " was refused and is mapped all the same");
      }
      return false;
    }
    for (int i = first; i < end; i++) {
      if (owners.incrementAndGet(i) != 1) {
        violations.add(map + " was mapped over another map");
      }
    }
    // now and then long enough for the other to be refused, and for readers to find it
    Thread.sleep(random.nextInt(2));
    // before it is undone: from then on the other's may be granted
    for (int i = first; i < end; i++) {
      owners.decrementAndGet(i);
    }
    undo(map, ref);
    return true;
  }

  private void undo(DevPagemap map, @Nullable PercpuRef ref) throws InterruptedException {
    if (ref != null) {
      ref.kill();
    }
    machine.memunmapPages(map);
    if (ref != null) {
      if (!ref.awaitZero(Hang.AFTER)) {
        violations.add("%s never drained: %s".formatted(map, ref));
      }
      ref.exit();
    }
  }

  private DevPagemap fill(int first, int end, @Nullable PercpuRef ref) {
    DevPagemap.Builder builder =
        DevPagemap.over()
            // of one mode: another mode's refusal would come before the draining map's
            .type(random.nextBoolean() ? MemoryType.GENERIC : MemoryType.FS_DAX)
            .owner(0L)
            .name("contested")
            .range(START + first * SUBSECTION, (end - first) * SUBSECTION);
    return ref == null ? builder.build() : builder.ref(ref).build();
  }
}
