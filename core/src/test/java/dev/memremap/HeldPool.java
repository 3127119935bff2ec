// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.machine.MachineDescription;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.page.PagemapOps;
import dev.memremap.ref.PercpuRef;
import dev.memremap.resource.PhysRange;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/** A machine with a page map of one pool of pages, and what tests of holds do with it. */
abstract class HeldPool {
  static final PhysRange RANGE = PhysRange.of(1L << 40, 2L << 20);
  static final long PFN = RANGE.firstPfn(4096);
  private static final int PUTS_TOO_MANY = 3;

  final Machine machine =
      Machine.simulated(
          MachineDescription.parse("# phys-bits=46\n00001000-3fffffff : System RAM\n"));
  final AtomicInteger freed = new AtomicInteger();
  final AtomicInteger released = new AtomicInteger();

  @AfterEach
  void close() {
    machine.close();
  }

  /** Whose reference a map lives by, and how that counts. */
  enum Reference {
    OWN,
    CALLERS,
    CALLERS_ATOMIC,
    CALLERS_TRACED
  }

  @Nullable PercpuRef reference(Reference kind) {
    PercpuRef ref =
        switch (kind) {
          case OWN -> null;
          case CALLERS, CALLERS_TRACED -> PercpuRef.init(released::incrementAndGet);
          case CALLERS_ATOMIC ->
              PercpuRef.init(released::incrementAndGet, PercpuRef.Flag.INIT_ATOMIC);
        };
    if (kind == Reference.CALLERS_TRACED) {
      ref.trace(true);
    }
    return ref;
  }

  DevPagemap map(MemoryType type, @Nullable PercpuRef ref) {
    DevPagemap.Builder builder =
        DevPagemap.over(RANGE)
            .type(type)
            .name("pool")
            .owner("device")
            .ops(
                PagemapOps.none()
                    .withPageFree(page -> freed.incrementAndGet())
                    .withMigrateToRam(page -> PagemapOps.MigrateToRam.Outcome.SIGBUS)
                    .withMemoryFailure((map, pfn, count, flags) -> Optional.empty()));
    return (ref == null ? builder : builder.ref(ref)).build();
  }

  DevPagemap mapped(MemoryType type) {
    DevPagemap map = map(type, null);
    machine.memremapPages(map);
    return map;
  }

  Lookup lookup() {
    Lookup held = machine.lookup(PFN);
    assertThat(held).isNotNull();
    return held;
  }

  /** Puts more than was taken, wherever that is not refused at once. */
  static int putTooMany(Runnable put) {
    int granted = 0;
    for (int i = 0; i < PUTS_TOO_MANY; i++) {
      try {
        put.run();
        granted++;
      } catch (IllegalStateException refused) {
        assertThat(refused).hasMessageContaining("D-5");
      }
    }
    return granted;
  }

  /** A lookup and both holds find the page, or none of them does. */
  void assertFoundAlike(boolean found) {
    DevPagemap map = machine.getDevPagemap(PFN, null);
    Lookup held = machine.lookup(PFN);
    PageHold page = machine.hold(PFN);
    assertThat(List.of(map != null, held != null, page != null))
        .containsExactly(found, found, found);
    if (map != null && held != null && page != null) {
      page.close();
      held.close();
      map.put();
    }
  }
}
