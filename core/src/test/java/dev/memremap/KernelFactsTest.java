// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static dev.memremap.Machines.BAR;
import static dev.memremap.Machines.PMEM;
import static dev.memremap.Machines.RAM;
import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.cache.Pat;
import dev.memremap.machine.MachineDescription;
import dev.memremap.plan.RemapPlan;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.MemremapException;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Group A of what running kernels were seen to do, by its numbers. */
class KernelFactsTest {
  private static final long WB = 1;
  private static final long WT = 2;
  private static final long WC = 4;
  private static final long ENC = 8;
  private static final long DEC = 16;
  private static final long UNKNOWN = 0x40;
  private static final long HOLE = 0x100000000L;
  private static final long RESERVED = 0x5e000000L;

  private Machine machine;

  @BeforeEach
  void open() {
    machine = Machine.simulated(Machines.qemu().with("memtype", "0xfed00000+4K:UC-"));
  }

  @AfterEach
  void close() {
    machine.liveMappings().forEach(Mapping::close);
    machine.close();
  }

  /** {@code WB}, {@code WB direct}, or {@code null}. */
  private String remap(long offset, long size, long flags) {
    try {
      Mapping mapping = machine.memremap(offset, size, flags);
      return mapping.cacheMode() + (mapping.isDirectMap() ? " direct" : "");
    } catch (MemremapException e) {
      return "null";
    }
  }

  private String rule(long offset, long size, long flags) {
    return machine.explain(offset, size, flags).rule().id();
  }

  @ParameterizedTest
  @ValueSource(longs = {RAM, PMEM, HOLE, 0x3ffff000L})
  @DisplayName("A-1 no flags: nothing is mapped, whatever the range")
  void noFlags(long offset) {
    assertThat(remap(offset, 8192, 0)).isEqualTo("null");
    assertThat(rule(offset, 8192, 0)).isEqualTo("MR-2");
  }

  @Test
  @DisplayName(
      "A-2 only listed resources make a range mixed; a hole beside RAM does not, and is D-7 here")
  void classification() {
    assertThat(machine.regionIntersects(0x3ffff000L, 8192)).hasToString("MIXED");
    Machine holes = Machine.simulated(MachineDescription.parse("00100000-3fffffff : System RAM\n"));
    try (holes) {
      assertThat(holes.regionIntersects(0x3ffff000L, 8192)).hasToString("INTERSECTS");
      RemapPlan plan = holes.explain(0x3ffff000L, 8192, WB);
      assertThat(plan.departure()).get().hasToString("D_7");
      assertThat(holes.explain(0xff000L, 8192, WB).departure()).get().hasToString("D_7");
      assertThat(holes.explain(0x3ffff000L, 8192, WT).rule()).hasToString("MR_5");
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {WB, WT, WC, 7, ENC, DEC, UNKNOWN})
  @DisplayName("A-3 a mixed range is refused for every flags but none")
  void mixed(long flags) {
    assertThat(remap(0x3ffff000L, 8192, flags)).isEqualTo("null");
    assertThat(rule(0x3ffff000L, 8192, flags)).isEqualTo("MR-3");
  }

  @Test
  @DisplayName("A-4 RAM: with WB the direct map, whatever else is set; without it nothing")
  void ram() {
    for (long flags : new long[] {WB, WB | WT, WB | WC, WB | ENC, WB | DEC, WB | UNKNOWN, 7}) {
      assertThat(remap(RAM + 0x123, 4096, flags)).isEqualTo("WB direct");
    }
    for (long flags : new long[] {WT, WC, WT | WC, ENC, DEC, UNKNOWN}) {
      assertThat(remap(RAM, 4096, flags)).isEqualTo("null");
      assertThat(rule(RAM, 4096, flags)).isEqualTo("MR-5");
    }
    assertThat(remap(0x1000000, 4096, WB)).as("kernel text").isEqualTo("WB direct");
    long first = machine.memremap(RAM, 4096, WB).segment().address();
    assertThat(machine.memremap(RAM + 8, 64, WB).segment().address()).isEqualTo(first + 8);
  }

  @ParameterizedTest
  @ValueSource(longs = {PMEM, HOLE, RESERVED, 0})
  @DisplayName(
      "A-5 anything else gets a new mapping each time; WB, WT, WC in order; modifiers alone nothing")
  void notRam(long offset) {
    assertThat(remap(offset, 4096, 7)).isEqualTo("WB");
    assertThat(machine.memremap(offset, 4096, WB).segment().address())
        .isNotEqualTo(machine.memremap(offset, 4096, WB).segment().address());
    machine.liveMappings().forEach(Mapping::close);
    assertThat(remap(offset, 4096, WC | WT)).isEqualTo("WT");
    machine.liveMappings().forEach(Mapping::close);
    assertThat(remap(offset, 4096, WC | ENC | DEC | UNKNOWN)).isEqualTo("WC");
    for (long flags : new long[] {ENC, DEC, ENC | DEC, UNKNOWN}) {
      assertThat(remap(offset, 4096, flags)).isEqualTo("null");
      assertThat(rule(offset, 4096, flags)).isEqualTo("MR-6");
    }
  }

  @Test
  @DisplayName(
      "A-6 the mode granted follows the MTRRs, the ISA range and what the kernel has mapped")
  void effectiveMode() {
    assertThat(remap(BAR, 4096, WB)).isEqualTo("UC-");
    assertThat(remap(BAR + 0x2000, 4096, WT)).isEqualTo("WT");
    assertThat(remap(BAR + 0x4000, 4096, WC)).isEqualTo("WC");
    for (long type : new long[] {WB, WT, WC}) {
      assertThat(remap(0xa0000, 0x20000, type)).isEqualTo("WB");
      assertThat(remap(0xfed00000L, 4096, type)).as("HPET").isEqualTo("UC-");
    }
    assertThat(remap(0xfee00000L, 4096, WB)).as("LAPIC").isEqualTo("UC-");
  }

  @Test
  @DisplayName("A-7 unaligned offsets keep their low bits, and a range over two pages maps both")
  void unaligned() {
    Mapping mapping = machine.memremap(PMEM + 0xff8, 16, WB);
    assertThat(mapping.segment().address() & 0xfff).isEqualTo(0xff8);
    assertThat(mapping.segment().byteSize()).isEqualTo(16);
    assertThat(machine.memtypes().entries())
        .anyMatch(entry -> entry.range().equals(PhysRange.of(PMEM, 8192)));
  }

  @Test
  @DisplayName("A-8 size 0: nothing, and where kernels give a pointer into RAM it is D-8")
  void sizeZero() {
    assertThat(rule(PMEM, 0, WB)).isEqualTo("MR-7");
    assertThat(rule(RAM, 0, WB)).isEqualTo("D-8");
    assertThat(rule(RAM, 0, WT)).isEqualTo("MR-5");
    assertThat(rule(0x100000, 0, WB)).as("at the first byte of RAM").isEqualTo("MR-7");
    assertThat(rule(0, 0, WB)).as("the whole address space").isEqualTo("MR-3");
  }

  @Test
  @DisplayName("A-9 beyond the address width: nothing; a range that only ends there is D-9")
  void addressWidth() {
    assertThat(rule(1L << 40, 4096, WB)).isEqualTo("IO-1");
    assertThat(remap((1L << 40) - 4096, 4096, WB)).isEqualTo("WB");
    RemapPlan plan = machine.explain((1L << 40) - 4096, 8192, 7);
    assertThat(plan.departure()).get().hasToString("D_9");
  }

  @Test
  @DisplayName("A-10 wrap-around: nothing; where kernels give a pointer into RAM it is D-8")
  void wrapAround() {
    assertThat(rule(-4096, 8192, WB)).isEqualTo("IO-1");
    assertThat(rule(PMEM, -1, WB)).isEqualTo("IO-1");
    assertThat(rule(RAM, -1, WB)).isEqualTo("D-8");
    assertThat(rule(RAM, -1, WT)).isEqualTo("MR-5");
    assertThat(rule(PMEM, -PMEM, WB)).as("up to exactly 2^64").isEqualTo("MR-3");
  }

  @Test
  @DisplayName("A-11 a region that somebody else requested is mapped all the same")
  void requestedByAnother() {
    machine.space().tree().requestRegion(PhysRange.of(PMEM, 4096), "another driver", 0);
    assertThat(remap(PMEM, 4096, WB)).isEqualTo("WB");
  }

  @Test
  @DisplayName("A-12 unmapping one alias leaves the other, and aliases see each other's data")
  void unmapping() {
    Mapping one = machine.memremap(PMEM, 8192, WB);
    Mapping other = machine.memremap(PMEM + 4096, 4096, WB);
    one.store(4096, 32, 0x5eed);
    assertThat(other.load(0, 32)).isEqualTo(0x5eed);
    machine.memunmap(one);
    machine.memunmap(one);
    assertThat(other.load(0, 32)).isEqualTo(0x5eed);
    Mapping ram = machine.memremap(RAM, 4096, WB);
    MemorySegment pointer = ram.segment();
    machine.memunmap(ram);
    assertThat(pointer.scope().isAlive()).isTrue();
  }

  @ParameterizedTest(name = "{0} is mapped: WB gives {1}, WC {2}, WT {3}")
  @CsvSource({"1, WB, null, null", "4, WC, WC, null", "2, WT, WT, WT"})
  @DisplayName("A, conflicts: what a second mapping of the same range gets")
  void conflicts(long mapped, String wb, String wc, String wt) {
    for (long offset : new long[] {PMEM, HOLE, RESERVED}) {
      Mapping first = machine.memremap(offset, 0x3000, mapped);
      assertThat(remap(offset, 4096, WB)).isEqualTo(wb);
      assertThat(remap(offset + 0x2000, 0x2000, WC)).isEqualTo(wc);
      assertThat(remap(offset, 0x4000, WT)).isEqualTo(wt);
      first.close();
    }
  }

  @Test
  @DisplayName("A, conflicts: a BAR that WB made UC- gives UC- to every alias")
  void conflictsOnABar() {
    assertThat(remap(BAR, 4096, WB)).isEqualTo("UC-");
    assertThat(remap(BAR, 4096, WC)).isEqualTo("UC-");
    assertThat(remap(BAR, 4096, WT)).isEqualTo("UC-");
  }

  @Test
  @DisplayName("A, conflicts: several flags fall through to the first that may be an alias")
  void fallThrough() {
    machine.memremap(PMEM, 4096, WC);
    assertThat(remap(PMEM, 4096, WT | WC)).isEqualTo("WC");
    assertThat(remap(PMEM, 4096, WB | WC)).isEqualTo("WC");
    machine.memremap(PMEM + 0x10000, 4096, WB);
    assertThat(remap(PMEM + 0x10000, 4096, WT | WC)).isEqualTo("null");
    assertThat(machine.explain(PMEM + 0x10000, 4096, WT | WC).attempts()).hasSize(2);
  }

  @Test
  @DisplayName("A, conflicts: nopat tracks nothing; WC becomes UC-, WB stays WB on a BAR")
  void nopat() {
    try (Machine nopat = Machine.builder(Machines.qemu()).pat(Pat.NONE).build();
        Mapping wc = nopat.memremap(PMEM, 4096, WC);
        Mapping wb = nopat.memremap(PMEM, 4096, WB);
        Mapping bar = nopat.memremap(BAR, 4096, WB)) {
      assertThat(wc.cacheMode()).hasToString("UC-");
      assertThat(wb.cacheMode()).hasToString("WB");
      assertThat(bar.cacheMode()).hasToString("WB");
    }
  }
}
