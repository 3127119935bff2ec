// SPDX-License-Identifier: Apache-2.0
package dev.memremap.drawing.source;

import static dev.memremap.plan.MemremapFlag.WB;
import static dev.memremap.plan.MemremapFlag.WC;
import static dev.memremap.plan.MemremapFlag.WT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.Lookup;
import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.cache.CacheMode;
import dev.memremap.drawing.model.Kind;
import dev.memremap.drawing.model.Overlay;
import dev.memremap.drawing.model.Scene;
import dev.memremap.machine.MachineDescription;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.page.Page;
import dev.memremap.page.PagemapOps;
import dev.memremap.resource.PhysRange;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Scenes of machines, and of what is asked of them. */
class MachineSceneTest {
  private static final PhysRange PMEM = PhysRange.of(0x40000000L, 64 << 20);

  private static Machine machine(String... head) {
    return Machine.simulated(
        MachineDescription.parse(
            String.join("\n", head)
                + "\n00001000-3fffffff : System RAM\n40000000-7fffffff : Persistent Memory\n"));
  }

  private static Machine machine() {
    return machine("# phys-bits=40", "# mtrr-uc=0x60000000+0x1000", "# memmap=kernel");
  }

  private static DevPagemap.Builder map(PhysRange range, MemoryType type) {
    PagemapOps ops =
        PagemapOps.none()
            .withPageFree(page -> {})
            .withMigrateToRam(page -> PagemapOps.MigrateToRam.Outcome.SIGBUS);
    return DevPagemap.over(range).type(type).name("p").owner("test").ops(ops);
  }

  private static Overlay only(Scene scene) {
    assertThat(scene.overlays()).hasSize(1);
    return scene.overlays().getFirst();
  }

  @Test
  @DisplayName(
      "a described machine has its resources, where its addresses end, and what is assumed")
  void described() {
    MachineDescription machine =
        MachineDescription.parse("# phys-bits=40\n00001000-3fffffff : System RAM\n");
    Scene scene = MachineScene.of("t", machine);
    assertThat(scene.machines().getFirst().areas())
        .singleElement()
        .satisfies(area -> assertThat(area.kind()).isEqualTo(Kind.SYSTEM_RAM));
    assertThat(scene.machines().getFirst().end().last()).isEqualTo((1L << 40) - 1);
    assertThat(scene.machines().getFirst().end().assumed()).isFalse();
    assertThat(scene.assumptions())
        .anyMatch(each -> each.startsWith("memtype none: "))
        .noneMatch(each -> each.startsWith("phys-bits"));
    MachineDescription unknown = MachineDescription.parse("00001000-3fffffff : System RAM\n");
    assertThat(MachineScene.of("t", unknown).machines().getFirst().end().assumed()).isTrue();
  }

  @Test
  @DisplayName("what MTRRs make uncachable is marked as assumed where it is, as is what is apart")
  void facts() {
    String map = "00001000-3fffffff : System RAM\n80000000-ffffffff : PCI Bus 0000:00\n";
    MachineDescription stated =
        MachineDescription.parse(
            "# phys-bits=40\n# mtrr-uc=0x80000000+0x80000000\n"
                + "# memtype=0x90000000+0x200000:WC\n# kernel=7.0\n"
                + "# soft-reserved=0x100000000+0x1000\n"
                + map);
    List<Overlay> facts = MachineScene.of("t", stated).overlays();
    assertThat(facts)
        .extracting(Overlay::kind)
        .containsExactly(Kind.UNCACHABLE, Kind.KERNEL_MAPPING, Kind.SOFT_RESERVED);
    assertThat(facts).noneMatch(Overlay::assumed);
    assertThat(facts.get(1).lines()).containsExactly("memtype: WC");
    MachineDescription unknown = MachineDescription.parse("# phys-bits=40\n" + map);
    assertThat(MachineScene.of("t", unknown).overlays())
        .isNotEmpty()
        .allMatch(each -> each.kind() == Kind.UNCACHABLE && each.assumed());
  }

  @Test
  @DisplayName("a mapping says what was asked and what was granted")
  void mapping() {
    try (Machine machine = machine();
        Mapping mapped = machine.memremap(PhysRange.of(0x60000000L, 4096), WB, WC)) {
      Overlay overlay = only(MachineScene.of("t", machine));
      assertThat(overlay.kind()).isEqualTo(Kind.MAPPING);
      assertThat(overlay.range()).isEqualTo(mapped.range());
      assertThat(overlay.lines()).containsExactly("memremap WB|WC", "granted UC-");
    }
  }

  @Test
  @DisplayName("a page map has the parts of its altmap, to the page")
  void altmap() {
    try (Machine machine = machine()) {
      DevPagemap map =
          map(PhysRange.of(0x40000000L, 128 << 20), MemoryType.FS_DAX)
              .altmap(2, 1022, machine.pageSize())
              .build();
      machine.memremapPages(map);
      Overlay overlay = only(MachineScene.of("t", machine));
      assertThat(overlay.kind()).isEqualTo(Kind.PAGEMAP_LIVE);
      long used = map.altmap().orElseThrow().alloc() + map.altmap().orElseThrow().align();
      assertThat(used).isBetween(1L, 1022L);
      assertThat(overlay.parts())
          .extracting(Overlay.Part::kind)
          .startsWith(Kind.ALTMAP_RESERVE, Kind.ALTMAP_USED)
          .endsWith(Kind.PAGES);
      assertThat(overlay.parts().getFirst().range()).isEqualTo(PhysRange.of(0x40000000L, 2 << 12));
      assertThat(overlay.parts().get(1).range().sizeBytes()).isEqualTo(used << 12);
      assertThat(overlay.parts().getLast().range())
          .isEqualTo(new PhysRange(0x40000000L + (1024 << 12), 0x47ffffffL));
    }
  }

  @ParameterizedTest
  @EnumSource(MemoryType.class)
  @DisplayName("pages in use and poisoned pages are where they are, whatever a fresh page counts")
  void pages(MemoryType type) {
    try (Machine machine = machine()) {
      DevPagemap map = map(PMEM, type).build();
      machine.memremapPages(map);
      assertThat(only(MachineScene.of("t", machine)).cells()).isEmpty();
      long first = 0x40000;
      Page used = machine.pfnToPage(first + 256);
      if (used.refCount() == 0) {
        used.zoneDeviceInit();
      } else {
        used.get();
      }
      Page more = machine.pfnToPage(first + 513);
      if (more.refCount() == 0) {
        more.zoneDeviceInit();
      } else {
        more.get();
      }
      more.get();
      machine.pfnToPage(first + 16_383).poisoned(true);
      Overlay overlay = only(MachineScene.of("t", machine));
      assertThat(overlay.lines()).contains("pages in use: 2, 1 poisoned");
      assertThat(overlay.cells()).hasSize(64);
      for (Overlay.Cell cell : overlay.cells()) {
        long run = (cell.firstPfn() - first) / 256;
        assertThat(cell.references()).isEqualTo(run == 1 ? 1 : run == 2 ? 2 : 0);
        assertThat(cell.poisoned()).isEqualTo(run == 63 ? 1 : 0);
      }
      more.put();
      more.put();
      used.put();
    }
  }

  @Test
  @DisplayName("a request that is granted says how, one that is refused why and what near it works")
  void remap() {
    try (Machine machine = machine()) {
      PhysRange mixed = PhysRange.of(0x3ffff000L, 0x3000);
      List<Overlay> refused = PlanOverlays.of(machine.explain(mixed, WB, WT), machine.resources());
      Overlay asked = refused.getFirst();
      assertThat(asked.kind()).isEqualTo(Kind.REFUSED);
      assertThat(asked.range()).isEqualTo(mixed);
      assertThat(asked.lines())
          .contains("asked: memremap WB|WT", "WB not tried, MR-3", "refused: MR-3 [ENXIO]");
      assertThat(asked.parts())
          .extracting(Overlay.Part::kind, Overlay.Part::range)
          .containsExactly(
              org.assertj.core.groups.Tuple.tuple(Kind.PART_RAM, PhysRange.of(0x3ffff000L, 0x1000)),
              org.assertj.core.groups.Tuple.tuple(
                  Kind.PART_OTHER, PhysRange.of(0x40000000L, 0x2000)));
      assertThat(refused.subList(1, refused.size()))
          .isNotEmpty()
          .allMatch(each -> each.kind() == Kind.NEAREST);
      Overlay granted =
          PlanOverlays.of(machine.explain(PhysRange.of(0x60000000L, 4096), WB), machine.resources())
              .getFirst();
      assertThat(granted.kind()).isEqualTo(Kind.GRANTED);
      assertThat(granted.lines()).contains("granted: UC-");
      assertThat(granted.assumed()).isTrue();
    }
  }

  @Test
  @DisplayName(
      "a request without a byte, or around the end of addresses, is drawn as its first byte")
  void odd() {
    try (Machine machine = machine()) {
      for (long size : new long[] {0, -1}) {
        Overlay asked =
            PlanOverlays.of(machine.explain(0x5000, size, WB.bit()), machine.resources())
                .getFirst();
        assertThat(asked.kind()).isEqualTo(Kind.REFUSED);
        assertThat(asked.range()).isEqualTo(PhysRange.of(0x5000, 1));
      }
    }
  }

  @Test
  @DisplayName("registers say their mode, and what near it works")
  void registers() {
    try (Machine machine = machine()) {
      PhysRange ram = PhysRange.of(0x3ffff000L, 0x1000);
      List<Overlay> refused =
          PlanOverlays.of(machine.explainIoremap(ram, CacheMode.UC_MINUS), "UC-");
      assertThat(refused.getFirst().kind()).isEqualTo(Kind.REFUSED);
      assertThat(refused.getFirst().lines()).contains("asked: ioremap UC-");
      assertThat(PlanOverlays.of(machine.explainIoremap(PMEM, CacheMode.UC_MINUS), "UC-"))
          .singleElement()
          .satisfies(each -> assertThat(each.lines()).contains("granted: UC-"));
    }
  }

  @Test
  @DisplayName("a planned page map has the parts that it will have, a refused one none")
  void planned() {
    try (Machine machine = machine()) {
      PhysRange range = PhysRange.of(0x40000000L, 128 << 20);
      DevPagemap map = map(range, MemoryType.FS_DAX).altmap(2, 1022, machine.pageSize()).build();
      List<Overlay> before = PlanOverlays.of(machine.explainPages(map), map, machine.pageSize());
      machine.memremapPages(map);
      List<Overlay.Part> after = only(MachineScene.of("t", machine)).parts();
      assertThat(before.getFirst().kind()).isEqualTo(Kind.PAGEMAP_PLANNED);
      assertThat(before.getFirst().parts()).extracting(Overlay.Part::kind).contains(Kind.PAGES);
      assertThat(before.getFirst().parts().getLast()).isEqualTo(after.getLast());
      DevPagemap again = map(range, MemoryType.FS_DAX).build();
      Overlay refused =
          PlanOverlays.of(machine.explainPages(again), again, machine.pageSize()).getFirst();
      assertThat(refused.kind()).isEqualTo(Kind.REFUSED);
      assertThat(refused.parts()).isEmpty();
    }
  }

  @Test
  @DisplayName("a map that is killed and held is drawn so")
  void draining() {
    try (Machine machine = machine()) {
      DevPagemap map = map(PMEM, MemoryType.GENERIC).build();
      machine.memremapPages(map);
      try (Lookup held = machine.lookup(0x40000)) {
        assertThat(held).isNotNull();
        try {
          machine.memunmapPages(map, java.time.Duration.ZERO);
        } catch (dev.memremap.rule.MemremapException busy) {
          Overlay overlay = only(MachineScene.of("t", machine));
          assertThat(overlay.kind()).isEqualTo(Kind.PAGEMAP_DRAINING);
          assertThat(overlay.lines()).contains("draining, references held: 1");
        }
      }
      assertThat(MachineScene.of("t", machine).overlays()).isEmpty();
    }
  }

  @Test
  @DisplayName("a range of a million pages and more is looked at as far as patience goes")
  void patience() {
    try (Machine machine =
        Machine.simulated(
            MachineDescription.parse(
                "# phys-bits=46\n# mtrr-uc=0x80000000+0x1000\n"
                    + "100000000-8ffffffff : Persistent Memory\n"))) {
      PhysRange range = PhysRange.of(0x100000000L, 32L << 30);
      DevPagemap map = map(range, MemoryType.FS_DAX).build();
      machine.memremapPages(map);
      Page page = machine.pfnToPage(0x100005);
      page.get();
      Overlay overlay = only(MachineScene.of("t", machine));
      assertThat(overlay.lines()).contains("pages in use: 1; not looked at from 0x200000 on");
      assertThat(overlay.cells()).hasSize(64);
      assertThat(IntStream.range(1, 64).mapToLong(i -> overlay.cells().get(i).references()))
          .allMatch(count -> count == 0);
      page.put();
    }
  }
}
