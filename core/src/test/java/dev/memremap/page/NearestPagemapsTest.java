// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.Machine;
import dev.memremap.cache.CacheMode;
import dev.memremap.machine.MachineDescription;
import dev.memremap.plan.PagemapPlan;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Rule;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What is offered instead of a refused page map. */
class NearestPagemapsTest {
  private static final long MIB = 1 << 20;
  private static final long START = 0x40000000L;
  private static final long END_OF_ADDRESSES = 1L << 46;

  private final Machine machine =
      Machine.simulated(
          MachineDescription.parse(
              """
              # kernel=6.1
              # phys-bits=46
              # mtrr-uc=
              # memtype=
              # memmap=kernel
              00001000-3fffffff : System RAM
              40000000-4fffffff : Persistent Memory
              50000000-5fffffff : System RAM
              """));

  @AfterEach
  void close() {
    machine.close();
  }

  private static DevPagemap map(long start, long size) {
    return DevPagemap.over().range(start, size).type(MemoryType.GENERIC).build();
  }

  private List<PhysRange> near(DevPagemap map) {
    return machine.explainPages(map).nearest();
  }

  private static PhysRange range(long start, long size) {
    return PhysRange.of(start, size);
  }

  @Test
  @DisplayName("C-4 a range that is not aligned is offered inside and around")
  void misaligned() {
    assertThat(near(map(START + MIB, 5 * MIB)))
        .containsExactly(range(START + 2 * MIB, 4 * MIB), range(START, 6 * MIB));
    assertThat(near(map(START + 2 * MIB, 3 * MIB)))
        .as("aligned at its start")
        .containsExactly(range(START + 2 * MIB, 2 * MIB), range(START + 2 * MIB, 4 * MIB));
    assertThat(near(map(START + MIB, 1)))
        .as("less than a subsection")
        .containsExactly(range(START, 2 * MIB));
  }

  @Test
  @DisplayName("C-3 a range over RAM is offered above it and below, the nearest first")
  void overRam() {
    assertThat(near(map(0x4fe00000L, 4 * MIB)))
        .as("RAM begins inside it")
        .containsExactly(range(0x4fc00000L, 4 * MIB), range(0x60000000L, 4 * MIB));
    assertThat(near(map(0x5fe00000L, 4 * MIB)))
        .as("RAM ends inside it")
        .containsExactly(range(0x60000000L, 4 * MIB), range(0x4fc00000L, 4 * MIB));
    assertThat(near(map(0x3fe00000L, 4 * MIB)))
        .as("below lies the end of the address space")
        .containsExactly(range(START, 4 * MIB));
  }

  @Test
  @DisplayName("DP-5 a range that a map has is offered beside it")
  void besideAMap() {
    DevPagemap live = map(START, 4 * MIB);
    machine.memremapPages(live);
    assertThat(near(map(START + 2 * MIB, 2 * MIB)))
        .containsExactly(range(START + 4 * MIB, 2 * MIB));

    DevPagemap next = map(START + 8 * MIB, 4 * MIB);
    machine.memremapPages(next);
    assertThat(near(map(START + 8 * MIB, 2 * MIB)))
        .as("downwards and upwards, the nearest first")
        .containsExactly(range(START + 6 * MIB, 2 * MIB), range(START + 12 * MIB, 2 * MIB));
    assertThat(near(map(START + 10 * MIB, 2 * MIB)))
        .as("upwards and downwards, the nearest first")
        .containsExactly(range(START + 12 * MIB, 2 * MIB), range(START + 6 * MIB, 2 * MIB));
    assertThat(near(map(START + 8 * MIB, 6 * MIB)))
        .as("what lies between the two is too small")
        .containsExactly(range(START + 12 * MIB, 6 * MIB));
  }

  @Test
  @DisplayName("DP-5 of two ranges that are equally far, the one at the higher address comes first")
  void equallyFar() {
    machine.memremapPages(map(START + 8 * MIB, 4 * MIB));
    assertThat(near(map(START + 9 * MIB, 2 * MIB)))
        .as("neither a part of it nor what holds it is free: 3 MiB above and below")
        .containsExactly(range(START + 12 * MIB, 2 * MIB), range(START + 6 * MIB, 2 * MIB));
    machine.memremapPages(map(START + 32 * MIB, 2 * MIB));
    assertThat(near(map(START + 32 * MIB, 2 * MIB)))
        .containsExactly(range(START + 34 * MIB, 2 * MIB), range(START + 30 * MIB, 2 * MIB));
  }

  @Test
  @DisplayName("C-13 an empty range is offered its subsection")
  void empty() {
    assertThat(near(map(START + MIB, 0))).containsExactly(range(START, 2 * MIB));
  }

  @Test
  @DisplayName("RES-11 a range beyond 2^46 is offered below")
  void beyondTheAddresses() {
    assertThat(near(map(END_OF_ADDRESSES - 2 * MIB, 4 * MIB)))
        .containsExactly(range(END_OF_ADDRESSES - 4 * MIB, 4 * MIB));
    assertThat(near(map(Long.MIN_VALUE, 4 * MIB)))
        .as("an address is unsigned")
        .containsExactly(range(END_OF_ADDRESSES - 4 * MIB, 4 * MIB));
    assertThat(near(map(START, END_OF_ADDRESSES + MIB))).as("larger than all").isEmpty();
  }

  @Test
  @DisplayName("nothing is offered where nothing is wrong, or not the range is")
  void nothingToOffer() {
    assertThat(near(map(START, 2 * MIB))).isEmpty();
    assertThat(near(DevPagemap.over().range(START + MIB, 2 * MIB).build())).as("no type").isEmpty();
    assertThat(
            near(
                DevPagemap.over()
                    .range(START + MIB, 2 * MIB)
                    .range(START + 8 * MIB, 2 * MIB)
                    .type(MemoryType.GENERIC)
                    .build()))
        .as("two ranges")
        .isEmpty();
  }

  @Test
  @DisplayName("a plan says in lines what it would cost, or why it is refused")
  void planInLines() {
    DevPagemap with =
        DevPagemap.over()
            .range(START, 128 * MIB)
            .altmap(8, 1024, 4096)
            .type(MemoryType.FS_DAX)
            .build();
    PagemapPlan plan = machine.explainPages(with);
    assertThat(plan.lines())
        .containsExactly(
            "granted, cache mode WB",
            "32768 pages, 31736 usable; 2097152 bytes of page structures, 512 pages of them in the"
                + " altmap from pfn 0x40200");
    assertThat(plan).hasToString(String.join("; ", plan.lines()));
    assertThat(plan.pages()).isEqualTo(32768);
    assertThat(plan.usablePages()).isEqualTo(32768 - 1032);
    assertThat(plan.memmapBytes()).isEqualTo(64 * 32768);
    assertThat(plan.altmapPages()).isEqualTo(512);
    assertThat(plan.geometry().entryBytes()).isEqualTo(64);
    assertThat(plan.parts()).isFalse();
    assertThat(plan.departure()).isEmpty();
    assertThat(plan.cacheMode()).contains(CacheMode.WB);

    PagemapPlan without = machine.explainPages(map(START, 2 * MIB));
    assertThat(without.altmapPages()).isZero();
    assertThat(without.lines().getLast())
        .isEqualTo("512 pages, 512 usable; 32768 bytes of page structures");

    PagemapPlan refused = machine.explainPages(map(0x3fe00000L, 4 * MIB));
    assertThat(refused.lines())
        .hasSize(2)
        .satisfies(
            lines -> {
              assertThat(lines.getFirst()).startsWith("refused: C-3, ").endsWith(" [ENXIO]");
              assertThat(lines.getLast()).isEqualTo("rule: " + Rule.C_3.sentence());
            });
    assertThat(refused.cacheMode()).isEmpty();
    assertThat(refused).hasToString(String.join("; ", refused.lines()));
  }

  @Test
  @DisplayName("D-11, D-16 a refused plan says in lines from which departure it follows")
  void departureInLines() {
    PagemapPlan itself =
        machine.explainPages(
            DevPagemap.over()
                .range(START, 4 * MIB)
                .type(MemoryType.GENERIC)
                .vmemmapShift(12)
                .build());
    assertThat(itself.lines())
        .as("the departure is the rule")
        .hasSize(2)
        .last()
        .isEqualTo("departs from kernels: D-16, " + Rule.D_16.sentence());

    PagemapPlan traces =
        machine.explainPages(
            DevPagemap.over()
                .range(START, 256 * MIB)
                .altmap(0, 600, 4096)
                .type(MemoryType.GENERIC)
                .build());
    assertThat(traces.parts()).isTrue();
    assertThat(traces.lines())
        .hasSize(3)
        .contains(
            "departs from kernels: D-11, " + Rule.D_11.sentence(), "rule: " + Rule.D_13.sentence());
  }

  @Test
  @DisplayName("DP-5 a refused plan counts the ranges before the refused one")
  void countedBeforeTheRefusal() {
    DevPagemap.Builder two =
        DevPagemap.over().range(START, 2 * MIB).type(MemoryType.GENERIC).range(START + MIB, MIB);
    PagemapPlan second = machine.explainPages(two.build());
    assertThat(second.refusedRange()).isEqualTo(1);
    assertThat(second.pages()).isEqualTo(512);
    assertThat(second.usablePages()).isEqualTo(512);
    assertThat(second.memmapBytes()).isEqualTo(64 * 512);

    PagemapPlan first = machine.explainPages(map(START + MIB, MIB));
    assertThat(first.refusedRange()).isZero();
    assertThat(first.pages()).isZero();
    assertThat(first.memmapBytes()).isZero();
  }

  @Test
  @DisplayName("C-11 a plan has the cache mode that its map gets")
  void cacheModeOfThePlan() {
    DevPagemap uncached =
        DevPagemap.over().range(START, 2 * MIB).type(MemoryType.PCI_P2PDMA).build();
    PagemapPlan plan = machine.explainPages(uncached);
    machine.memremapPages(uncached);
    assertThat(plan.cacheMode()).contains(uncached.cacheMode()).contains(CacheMode.UC_MINUS);
  }

  @Test
  @DisplayName("a mapped map says what it has, and nothing once it is gone")
  void counted() {
    DevPagemap map =
        DevPagemap.over()
            .range(START, 128 * MIB)
            .altmap(8, 1024, 4096)
            .type(MemoryType.GENERIC)
            .build();
    assertThat(map.usablePages()).isZero();
    assertThat(map.memmapBytes()).isZero();
    assertThat(map.manager()).isEmpty();
    machine.memremapPages(map);
    assertThat(map.usablePages()).isEqualTo(32768 - 1032);
    assertThat(map.memmapBytes()).isEqualTo(64 * 32768);
    machine.memunmapPages(map);

    DevPagemap managed = map(START, 2 * MIB);
    var device = machine.newDevice("dax0");
    device.memremapPages(managed);
    assertThat(managed.manager()).isPresent();
    assertThat(managed.memmapBytes()).isEqualTo(64 * 512);
  }

  @Test
  @DisplayName("D-3 a map covers the pages of all its ranges, and says which is the first")
  void covers() {
    DevPagemap two =
        DevPagemap.over()
            .range(START, 2 * MIB)
            .range(START + 8 * MIB, 2 * MIB)
            .type(MemoryType.GENERIC)
            .build();
    long first = START >>> 12;
    assertThat(two.coversInFirstRange(first, 4096)).isTrue();
    assertThat(two.coversInFirstRange(first + 511, 4096)).isTrue();
    assertThat(two.coversInFirstRange(first - 1, 4096)).isFalse();
    assertThat(two.coversInFirstRange(first + 512, 4096)).isFalse();
    assertThat(two.coversInFirstRange(first + 2048, 4096)).isFalse();
    machine.memremapPages(two);
    assertThat(two.covers(first + 2048, 4096)).isTrue();
    assertThat(two.covers(first + 2048 + 511, 4096)).isTrue();
    assertThat(two.covers(first + 2048 + 512, 4096)).isFalse();
    assertThat(two.covers(first + 2047, 4096)).isFalse();
  }
}
