// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static dev.memremap.plan.MemremapFlag.WB;
import static dev.memremap.plan.MemremapFlag.WC;
import static dev.memremap.plan.MemremapFlag.WT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memremap.machine.MachineDescription;
import dev.memremap.plan.RemapPlan;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.MemremapException;
import dev.memremap.spi.RecordingBacking;
import dev.memremap.spi.RecordingSource;
import java.lang.foreign.ValueLayout;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Requests of a machine that begin or end at an edge of what lies there, one before, one beyond.
 */
class MachineEdgesTest {
  private static final String MAP =
      """
      # phys-bits=40
      # mtrr-uc=0x80000000+0x2000,0x90000000+0x1000
      # memtype=0xa0000000+0x2000:WC
      00000000-001fffff : System RAM
      00400000-00ffffff : System RAM
      01000000-0fffffff : System RAM
        01000000-01000107 : Kernel code
        01002000-01003fff : Kernel data
      10000000-10000fff : Reserved
      """;

  private final Machine machine = Machine.simulated(MachineDescription.parse(MAP));

  @AfterEach
  void close() {
    machine.close();
  }

  private static PhysRange range(String start, String size) {
    return PhysRange.of(Long.parseUnsignedLong(start, 16), Long.parseUnsignedLong(size, 16));
  }

  @ParameterizedTest(name = "WB at 0x{0}, 0x{1} bytes: {2}")
  @CsvSource({
    "0, 1, direct",
    "1fffff, 1, direct",
    "1fffff, 2, D-7",
    "200000, 1, new",
    "200000, 200000, new",
    "200000, 200001, D-7",
    "3fffff, 1, new",
    "3fffff, 2, D-7",
    "400000, 1, direct",
    // two resources that adjoin are one run
    "ffffff, 2, direct",
    "400000, fc00000, direct",
    "400000, fc00001, MR-3",
    "fffffff, 1, direct",
    "fffffff, 2, MR-3",
    "10000000, 1, new",
    "10000fff, 1, new",
    "10000fff, 2, new",
    "1fffff, 200002, D-7",
    // the last address is 0xffffffffff
    "ffffffffff, 1, new",
    "ffffffffff, 2, D-9",
    "fffffffffe, 2, new",
    "10000000000, 1, IO-1",
    "ffffffffffffffff, 1, IO-1",
    "ffffffffffffffff, 2, IO-1",
    "0, 0, MR-3",
    "1fffff, 0, D-8",
  })
  @DisplayName("MR-3, MR-4, D-7 to D-9 where WB changes its answer, it does so at that very byte")
  void writeBack(String start, String size, String expected) {
    RemapPlan plan =
        machine.explain(
            Long.parseUnsignedLong(start, 16), Long.parseUnsignedLong(size, 16), WB.bit());
    RemapPlan.Grant grant = plan.grant();
    assertThat(grant == null ? plan.rule().id() : grant.direct() ? "direct" : "new")
        .as(plan.sentence())
        .isEqualTo(expected);
    if (grant != null) {
      PhysRange range = range(start, size);
      try (Mapping mapping = machine.memremap(range, WB)) {
        assertThat(mapping.segment().byteSize()).isEqualTo(range.sizeBytes());
        assertThat(mapping.isDirectMap()).isEqualTo(grant.direct());
      }
    }
  }

  @ParameterizedTest(name = "0x{0}, 0x{1} bytes: {2}")
  @CsvSource({
    // the kernel reserves what lies below 1 MiB, and its own image
    "0, 1000, ok",
    "ff000, 1000, ok",
    "fffff, 1, ok",
    "fffff, 2, MT-3",
    "ff000, 1001, MT-3",
    "ff000, 2000, IO-1",
    // part of a page of System RAM is mapped, a whole one is not
    "100000, 1, ok",
    "100000, fff, ok",
    "100000, 1000, IO-1",
    "100001, 1ffe, ok",
    "100001, 1fff, IO-1",
    "1fffff, 1, ok",
    "1ff001, 1fff, ok",
    "1ff000, 1fff, IO-1",
    "200000, 1, ok",
    "3fffff, 1, ok",
    "3fffff, 2, MT-3",
    "ffffff, 1, ok",
    "fff000, 1000, IO-1",
    "1000000, 1, ok",
    "1000107, 1, ok",
    // the image's last page is reserved as a whole
    "1000108, 1, ok",
    "1000fff, 1, ok",
    "1000fff, 2, ok",
    "1000fff, 1001, IO-1",
    "1001000, 1, ok",
    "1001fff, 1, ok",
    "1001000, 1001, IO-1",
    "1002000, 2000, ok",
    "1002000, 2001, ok",
    "1002000, 3000, IO-1",
    "1003fff, 1, ok",
    "1004000, 1, ok",
    "1004000, 1000, IO-1",
    "fffffff, 1, ok",
    "fffffff, 2, ok",
    "ffff000, 1001, IO-1",
    "10000000, 1, ok",
    "ffffffffff, 1, ok",
    "ffffffffff, 2, D-9",
    "10000000000, 1, IO-1",
  })
  @DisplayName("IO-1, D-9 no whole page of System RAM that the kernel uses is among registers")
  void ioremap(String start, String size, String expected) {
    PhysRange range = range(start, size);
    MemremapException refused =
        catchThrowableOfType(MemremapException.class, () -> machine.ioremap(range).close());
    assertThat(refused == null ? "ok" : refused.rule().id()).isEqualTo(expected);
    assertThat(machine.explainIoremap(range).refusal().map(e -> e.rule().id()).orElse("ok"))
        .isEqualTo(expected);
  }

  @ParameterizedTest(name = "0x{0}, 0x{1} bytes: {2}")
  @CsvSource({
    // mtrr-uc=0x80000000+0x2000,0x90000000+0x1000: whole pages count
    "7fffffff, 1, WB",
    "7fffffff, 2, UC-",
    "80000000, 1, UC-",
    "80001fff, 1, UC-",
    "80001fff, 2, UC-",
    "80002000, 1, WB",
    "8fffffff, 1, WB",
    "90000000, 1, UC-",
    "90000fff, 1, UC-",
    "90001000, 1, WB",
    "80002000, fffe000, WB",
    "80002000, fffe001, UC-",
    // memtype=0xa0000000+0x2000:WC
    "9fffffff, 1, WB",
    "9fffffff, 2, WC",
    "a0000000, 1, WC",
    "a0001fff, 1, WC",
    "a0002000, 1, WB",
    // the ISA range is WB, whatever is asked; it holds RAM here, so the direct map serves
    "a0000, 1, WB",
    "fffff, 1, WB",
  })
  @DisplayName("MT-2, MT-5 the keys mtrr-uc and memtype say a range's pages, first to last")
  void modes(String start, String size, String expected) {
    try (Mapping mapping = machine.memremap(range(start, size), WB)) {
      assertThat(mapping.cacheMode()).hasToString(expected);
    }
  }

  @ParameterizedTest(name = "RAM to 0x{0}: at 0x{1} {2}, at 0xfffff000 {3}, at 4 GiB WB")
  @CsvSource({
    "0fffffff, 10000000, UC-, UC-",
    "0ffffffe, 10000000, UC-, UC-",
    "0ffff000, 10000000, UC-, UC-",
    "0fffefff, 0ffff000, UC-, UC-",
    "ffffefff, ffffe000, WB, UC-",
    "ffffffff, 100000000, WB, WB",
    "10fffffff, 110000000, WB, WB",
  })
  @DisplayName("MT-2 by default the MTRRs are uncachable from the page after RAM up to 4 GiB")
  void defaultMtrrs(String lastOfRam, String where, String expected, String below4GiB) {
    try (Machine other =
        Machine.simulated(
            MachineDescription.parse("00000000-%8s : System RAM\n".formatted(lastOfRam)))) {
      assertThat(other.explain(range(where, "1000"), WB).grant().mode()).hasToString(expected);
      assertThat(other.explain(range("fffff000", "1000"), WB).grant().mode())
          .hasToString(below4GiB);
      assertThat(other.explain(range("200000000", "1000"), WB).grant().mode()).hasToString("WB");
      if (!where.equals("100000000") && !where.startsWith("11")) {
        assertThat(other.explain(range("100000000", "1000"), WB).grant().mode()).hasToString("WB");
      }
    }
  }

  @ParameterizedTest(name = "RAM to 0x{0}: a byte at 0x{1} is {2}")
  @CsvSource({
    "0ffffffe, 0fffffff, WB",
    "0ffffffe, 10000000, UC-",
    "0fffe7ff, 0fffe800, WB",
    "0fffe7ff, 0fffefff, WB",
    "0fffe7ff, 0ffff000, UC-",
    "0ffff000, 0ffff001, WB",
  })
  @DisplayName("MT-2 what is left of RAM's last page is write-back by default, as all of that page")
  void lastPageOfRam(String lastOfRam, String where, String expected) {
    try (Machine other =
        Machine.simulated(
            MachineDescription.parse("00000000-%8s : System RAM\n".formatted(lastOfRam)))) {
      assertThat(other.explain(range(where, "1"), WB).grant().mode()).hasToString(expected);
    }
  }

  @Test
  @DisplayName("attached memory is reached from its first byte to its last, and is WB there")
  void attached() {
    RecordingSource source = new RecordingSource(8192, new RecordingBacking());
    try (Machine uncachable =
        Machine.simulated(
            MachineDescription.parse(
                "# phys-bits=40\n# mtrr-uc=0x10000000+0xfff0000000\n"
                    + "00000000-0fffffff : System RAM\n"))) {
      PhysRange pool = uncachable.attach("pool", source).range();
      assertThat(pool.sizeBytes()).isEqualTo(8192);
      for (long offset : new long[] {0, 1, 4095, 4096, 8191}) {
        PhysRange byteThere = PhysRange.of(pool.start() + offset, 1);
        try (Mapping mapping = uncachable.memremap(byteThere, WB)) {
          mapping.store(0, 8, 0x40 + (offset & 7));
          assertThat(mapping.cacheMode()).as("exempt from the MTRRs").hasToString("WB");
          assertThat(mapping.backing()).isEqualTo("recorded bytes");
          assertThat(source.segment().get(ValueLayout.JAVA_BYTE, offset))
              .isEqualTo((byte) (0x40 + (offset & 7)));
        }
      }
      for (PhysRange across :
          new PhysRange[] {
            PhysRange.of(pool.start() - 1, 2), PhysRange.of(pool.endInclusive(), 2)
          }) {
        assertThatThrownBy(() -> uncachable.memremap(across, WB))
            .as("%s", across)
            .isInstanceOf(MemremapException.class);
      }
      for (long beside : new long[] {pool.start() - 1, pool.endInclusive() + 1}) {
        try (Mapping mapping = uncachable.memremap(PhysRange.of(beside, 1), WB)) {
          assertThat(mapping.backing()).isEqualTo("simulated memory");
          assertThat(mapping.cacheMode()).as("not exempt").hasToString("UC-");
        }
      }
    }
  }

  @ParameterizedTest(name = "0x{0}, 0x{1} bytes: {2}")
  @CsvSource({
    // RAM to 0x1fffff, then a hole to 0x3fffff, RAM to 0xfffffff, a reserved page
    "1fffff, 2, '0x1fffff 1 (WB, the direct map); 0x200000 1 (WB, WT or WC)'",
    "3fffff, 2, '0x3fffff 1 (WB, WT or WC); 0x400000 1 (WB, the direct map)'",
    "fffffff, 2, '0xfffffff 1 (WB, the direct map); 0x10000000 1 (WB, WT or WC)'",
    "1fffff, 200002, '0x1fffff 1 (WB, the direct map); 0x200000 2M (WB, WT or WC); 0x400000 1 (WB, the direct map)'",
    "ffff000, 3000, '0xffff000 4K (WB, the direct map); 0x10000000 4K (WB, WT or WC); 0x10001000 4K (WB, WT or WC)'",
    // what lies beyond the last address is left out
    "ffffffffff, 2, '0xffffffffff 1 (WB, WT or WC)'",
    "fffffff000, 2000, '0xfffffff000 4K (WB, WT or WC)'",
  })
  @DisplayName("the nearest ranges that work meet at the byte where what lies there changes")
  void nearest(String start, String size, String expected) {
    RemapPlan plan =
        machine.explain(
            Long.parseUnsignedLong(start, 16), Long.parseUnsignedLong(size, 16), WB.bit());
    assertThat(
            plan.nearestGrants().stream()
                .map(RemapPlan.Nearest::toString)
                .collect(Collectors.joining("; ")))
        .isEqualTo(expected);
    assertThat(plan.nearest())
        .isEqualTo(plan.nearestGrants().stream().map(RemapPlan.Nearest::range).toList());
  }

  @Test
  @DisplayName("W-3 slices of the direct map share their bytes, at a run's first byte and its last")
  void slices() {
    try (Mapping whole = machine.memremap(range("400000", "fc00000"), WB);
        Mapping first = machine.memremap(range("400000", "1"), WB);
        Mapping last = machine.memremap(range("fffffff", "1"), WB)) {
      first.store(0, 8, 0x11);
      last.store(0, 8, 0x22);
      assertThat(whole.load(0, 8)).isEqualTo(0x11);
      assertThat(whole.load(1, 8)).isZero();
      assertThat(whole.load(0xfbfffff, 8)).isEqualTo(0x22);
      assertThat(last.segment().address() - first.segment().address()).isEqualTo(0xfbfffff);
    }
    try (Mapping low = machine.memremap(range("1fffff", "1"), WB);
        Mapping hole = machine.memremap(range("200000", "1"), WB, WT, WC)) {
      low.store(0, 8, 0x33);
      hole.store(0, 8, 0x44);
      assertThat(low.load(0, 8)).isEqualTo(0x33);
      assertThat(hole.isDirectMap()).isFalse();
    }
  }

  @Test
  @DisplayName("MT-5 two mappings share a page of the table as soon as one byte of each lies in it")
  void pagesOfTheTable() {
    try (Mapping combining = machine.memremap(range("50000fff", "1"), WC)) {
      assertThat(combining.cacheMode()).hasToString("WC");
      for (String[] other :
          new String[][] {
            {"4fffffff", "1", "WB"},
            {"4fffffff", "2", "WC"},
            {"50000000", "1", "WC"},
            {"50000fff", "1", "WC"},
            {"50001000", "1", "WB"}
          }) {
        try (Mapping alias = machine.memremap(range(other[0], other[1]), WB)) {
          assertThat(alias.cacheMode()).as(other[0]).hasToString(other[2]);
        }
      }
    }
  }
}
