// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import static dev.memremap.internal.pages.PagemapAccess.access;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.memremap.Device;
import dev.memremap.Machine;
import dev.memremap.Machines;
import dev.memremap.cache.MemtypeEntry;
import dev.memremap.machine.MachineDescription;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.page.Page;
import dev.memremap.page.PagemapOps;
import dev.memremap.ref.PercpuRef;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.MemremapException;
import dev.memremap.windows.Race;
import dev.memremap.windows.Windows;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whoever is told that a page map has ended finds nothing of it in any table: not in the lookups,
 * not among the memory types, not in the altmap, not in the quota of mappings.
 */
class TeardownEndTest {
  private static final PhysRange RANGE = PhysRange.of((1L << 40) + (2L << 20), 4L << 20);
  private static final long PFN = RANGE.firstPfn(4096) + 600;
  private static final String MACHINE = "# phys-bits=46\n00001000-3fffffff : System RAM\n";

  /** The last reference is put while somebody looks whether he is told of the end. */
  static final class LastPut implements Race {
    private final List<String> left = new ArrayList<>();
    private final Machine machine = Machine.simulated(MachineDescription.parse(MACHINE));
    private final @Nullable PercpuRef caller;
    private final DevPagemap map;
    private final PercpuRef ref;
    private final PagemapLife life;
    private final List<MemtypeEntry> memtypes;
    private final long mappings;
    private final boolean throughPage;

    LastPut(String how) {
      MemoryType type = MemoryType.valueOf(how.split(" ")[0]);
      throughPage = how.contains("page");
      caller = how.contains("caller") ? PercpuRef.init(() -> look("the release")) : null;
      DevPagemap.Builder builder =
          DevPagemap.over(RANGE)
              .type(type)
              .owner("d")
              .altmap(3, 5, 4096)
              .ops(
                  PagemapOps.none()
                      .withPageFree(page -> {})
                      .withMigrateToRam(page -> PagemapOps.MigrateToRam.Outcome.SIGBUS));
      if (caller != null) {
        builder.ref(caller);
      }
      map = builder.build();
      // what the machine keeps for all maps is there before the first is looked at
      machine.memremapPages(DevPagemap.over(elsewhere()).type(MemoryType.GENERIC).build());
      machine.pfnToPage(elsewhere().firstPfn(4096)).get();
      mappings = Machines.mappings(machine);
      memtypes = machine.memtypes().entries();
      machine.memremapPages(map);
      life = Objects.requireNonNull(access().life(map));
      ref = life.ref();
      Page page = machine.pfnToPage(PFN);
      if (type.isHandedOut()) {
        page.zoneDeviceInit();
      } else {
        page.get();
      }
      map.segment(0);
      if (!throughPage) {
        machine.getDevPagemap(PFN, null);
        page.put();
      }
      if (caller != null) {
        caller.kill();
      }
      try {
        machine.memunmapPages(map, Duration.ZERO);
      } catch (MemremapException stillHeld) {
        assertThat(caller).isNull();
      }
      assertThat(left).isEmpty();
      assertThat(map.state()).isNotEqualTo(DevPagemap.State.UNMAPPED);
    }

    private static PhysRange elsewhere() {
      return PhysRange.of((1L << 40) + (64L << 20), 2L << 20);
    }

    @Override
    public void operation() {
      if (throughPage) {
        Objects.requireNonNull(access().page(life, PFN)).put();
      } else {
        map.put();
      }
    }

    @Override
    public void meanwhile() throws InterruptedException {
      if (map.state() == DevPagemap.State.UNMAPPED) {
        look("isMapped");
      }
      if (life.settled().getCount() == 0) {
        look("a waiting memunmap_pages");
      }
      if (life.isOver()) {
        look("a holder of a page");
      }
      if (ref.awaitZero(Duration.ZERO)) {
        look("awaitZero");
      }
      if (caller == null && ref.isExited()) {
        look("the reference's exit");
      }
    }

    private void look(String who) {
      List<Object> seen = new ArrayList<>();
      if (machine.page(PFN) != null || machine.pagemaps().size() != 1) {
        seen.add("lookups");
      }
      if (!machine.memtypes().entries().equals(memtypes)) {
        seen.add("memory types");
      }
      if (map.altmap().orElseThrow().alloc() != 0) {
        seen.add(map.altmap().orElseThrow());
      }
      if (Machines.mappings(machine) != mappings) {
        seen.add("quota");
      }
      if (!machine
          .explainPages(DevPagemap.over(RANGE).type(MemoryType.PCI_P2PDMA).build())
          .isGranted()) {
        seen.add("a plan for another map");
      }
      if (!seen.isEmpty()) {
        left.add("%s was told, and finds %s".formatted(who, seen));
      }
    }

    @Override
    public void check() throws InterruptedException {
      assertThat(left).isEmpty();
      meanwhile();
      assertThat(left).isEmpty();
      assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
      assertThat(ref.isZero() || ref.isExited()).isTrue();
      // and may be mapped again at once
      if (caller == null) {
        machine.memremapPages(map);
      }
    }

    @Override
    public void close() {
      machine.pfnToPage(elsewhere().firstPfn(4096)).put();
      machine.close();
    }
  }

  private static final Windows WINDOWS =
      Windows.in(
          "Pagemaps",
          "PagemapLife",
          "PagemapTable",
          "DevPagemap",
          "MappedRegion",
          "Page",
          "PercpuRef",
          "AtomicCount",
          "Drain");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GENERIC by lookup",
        "GENERIC by page",
        "GENERIC by lookup of caller",
        "PRIVATE by page",
        "PRIVATE by page of caller",
        "COHERENT by lookup of caller",
        "FS_DAX by page",
        "PCI_P2PDMA by lookup of caller"
      })
  @DisplayName("D-4, TD-5 at no step of the last put is anybody told of the end too early")
  void lastPut(String how) throws Exception {
    assertThat(WINDOWS.openAll(LastPut.class, how)).isGreaterThan(40);
  }

  // ---- threads that wait -------------------------------------------------------------------

  @ParameterizedTest
  @EnumSource
  @DisplayName("D-4 memunmap_pages and a device's release return when nothing is left")
  void waiting(MemoryType type) throws InterruptedException {
    for (boolean managed : new boolean[] {false, true}) {
      try (Machine machine = Machine.simulated(MachineDescription.parse(MACHINE))) {
        DevPagemap map =
            DevPagemap.over(RANGE)
                .type(type)
                .owner("d")
                .altmap(3, 5, 4096)
                .ops(
                    PagemapOps.none()
                        .withPageFree(page -> {})
                        .withMigrateToRam(page -> PagemapOps.MigrateToRam.Outcome.SIGBUS))
                .build();
        Device device = machine.newDevice("d");
        if (managed) {
          device.memremapPages(map);
        } else {
          machine.memremapPages(map);
        }
        assertThat(machine.getDevPagemap(PFN, null)).isSameAs(map);
        List<String> seen = new ArrayList<>();
        Thread waiter =
            Thread.ofPlatform()
                .start(
                    () -> {
                      if (managed) {
                        device.release();
                      } else {
                        machine.memunmapPages(map);
                      }
                      seen.add(
                          "%s %d %s %d"
                              .formatted(
                                  map.state() != DevPagemap.State.UNMAPPED,
                                  machine.pagemaps().size(),
                                  machine.memtypes().isEmpty(),
                                  map.altmap().orElseThrow().alloc()));
                    });
        // it wakes now and then to say what holds it, so its wait has a time
        while (waiter.getState() != Thread.State.TIMED_WAITING) {
          Thread.onSpinWait();
        }
        map.put();
        waiter.join();
        assertThat(seen).containsExactly("false 0 true 0");
      }
    }
  }

  @Test
  @DisplayName("C-2 a limit of zero says that it is held, and does not report the end")
  void heldStill() {
    try (Machine machine = Machine.simulated(MachineDescription.parse(MACHINE))) {
      DevPagemap map = DevPagemap.over(RANGE).type(MemoryType.GENERIC).build();
      machine.memremapPages(map);
      machine.getDevPagemap(PFN, null);
      assertThatExceptionOfType(MemremapException.class)
          .isThrownBy(() -> machine.memunmapPages(map, Duration.ZERO));
      assertThat(map.state()).isNotEqualTo(DevPagemap.State.UNMAPPED);
      assertThat(machine.pagemaps().size()).isEqualTo(1);
      map.put();
      assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    }
  }

  @Test
  @DisplayName("a map that could not end for want of room says so, and what to do")
  void heldForWantOfRoom() {
    Machine machine = Machine.simulated(MachineDescription.parse(MACHINE));
    DevPagemap map = DevPagemap.over(RANGE).type(MemoryType.GENERIC).build();
    machine.memremapPages(map);
    PagemapLife life = Objects.requireNonNull(access().life(map));
    life.held(new OutOfMemoryError("Java heap space"));
    assertThatIllegalStateException()
        .isThrownBy(life::requireNotHeld)
        .withMessage(
            "%s has drained, and could not end; unmap it again: java.lang.OutOfMemoryError: Java heap space",
            life)
        .withCauseInstanceOf(OutOfMemoryError.class);
  }
}
