// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memremap.cache.CacheMode;
import dev.memremap.internal.sim.SimulatedBacking;
import dev.memremap.internal.sim.SparseMemory;
import dev.memremap.machine.MachineDescription;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.plan.PagemapPlan;
import dev.memremap.plan.Plan;
import dev.memremap.plan.RemapPlan;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import dev.memremap.spi.AccessPath;
import dev.memremap.spi.MappedBytes;
import dev.memremap.spi.MemorySource;
import dev.memremap.spi.PhysicalMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is explained is what is carried out, where only the mapping itself once met the refusal. */
class PlannedAndDoneTest {
  private static final int MIB = 1 << 20;

  /** Memory of this process, which is mapped in one cache mode. */
  private record Bytes(MemorySegment segment, CacheMode mode) implements MemorySource {
    @Override
    public String name() {
      return "bytes";
    }

    @Override
    public long sizeBytes() {
      return segment.byteSize();
    }

    @Override
    public MappedBytes map(long offset, long length, Arena arena) {
      return new MappedBytes(segment.asSlice(offset, length), mode, SimulatedBacking.INSTANCE);
    }

    @Override
    public void close() {}
  }

  private static void assertRefusedAlike(Plan plan, MemremapException refused) {
    assertThat(plan.isGranted()).isFalse();
    assertThat(refused).hasMessage(plan.exception().getMessage());
    assertThat(plan.refusal()).map(why -> why.errno()).contains(refused.errno());
    assertThat(plan.refusal()).map(why -> why.rule()).contains(refused.rule());
  }

  @ParameterizedTest
  @ValueSource(longs = {64L * MIB + 1, 65L * MIB, 256L * MIB})
  @DisplayName("LIB-3 a view of more than 64 MiB is refused by explain, in the words of the call")
  void longView(long bytes) {
    try (Machine machine =
        Machine.simulated(Machines.qemu().with("kernel", "6.18").with("mem-encrypt", "tdx"))) {
      PhysRange range = PhysRange.of(Machines.PMEM, bytes);
      RemapPlan plan = machine.explain(range, MemremapFlag.WB);
      MemremapException refused =
          catchThrowableOfType(
              MemremapException.class, () -> machine.memremap(range, MemremapFlag.WB).close());
      assertRefusedAlike(plan, refused);
      assertThat(refused.errno()).isEqualTo(Errno.ENOMEM);
      assertThat(refused.rule()).isEqualTo(Rule.LIB_3);
      assertThat(machine.explain(range, MemremapFlag.WB, MemremapFlag.DEC).isGranted())
          .as("with the memory's own attribute")
          .isTrue();
    }
  }

  @Test
  @DisplayName("LIB-3 a view of 64 MiB is granted, by explain and by the call")
  void longestView() {
    try (Machine machine =
        Machine.simulated(Machines.qemu().with("kernel", "6.18").with("mem-encrypt", "tdx"))) {
      PhysRange range = PhysRange.of(Machines.PMEM, 64L * MIB);
      assertThat(machine.explain(range, MemremapFlag.WB).isGranted()).isTrue();
      try (Mapping view = machine.memremap(range, MemremapFlag.WB)) {
        assertThat(view.isTransformedView()).isTrue();
      }
    }
  }

  @ParameterizedTest(name = "{2} MiB of {0} memory, as {1}: {3}")
  @CsvSource({
    "WB,       GENERIC,      2, granted",
    "UC_MINUS, GENERIC,      2, granted",
    "WB,       PCI_P2PDMA,   2, EOPNOTSUPP",
    "WB,       GENERIC,      1, ENXIO",
  })
  @DisplayName("LIB-6 a page map over attached memory is planned as it is made")
  void attached(CacheMode mode, MemoryType type, int mib, String answer) {
    try (Machine machine = Machine.simulated(Machines.qemu())) {
      Bytes bytes = new Bytes(Arena.ofAuto().allocate((long) mib * MIB, 4096), mode);
      PhysRange pool = machine.attach("pool", bytes).range();
      DevPagemap map = DevPagemap.over(PhysRange.of(pool.start(), 2 * MIB)).type(type).build();
      PagemapPlan plan = machine.explainPages(map);
      MemremapException refused =
          catchThrowableOfType(MemremapException.class, () -> machine.memremapPages(map));
      if (answer.equals("granted")) {
        assertThat(refused).isNull();
        assertThat(plan.isGranted()).isTrue();
      } else {
        assertRefusedAlike(plan, refused);
        assertThat(refused.errno()).isEqualTo(Errno.valueOf(answer));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"memremap", "ioremap"})
  @DisplayName("C-9 memory is attached beside what is mapped in a hole")
  void besideAHole(String way) {
    PhysRange first;
    Bytes bytes = new Bytes(Arena.ofAuto().allocate(2 * MIB, 4096), CacheMode.WB);
    try (Machine machine = Machine.simulated(Machines.qemu())) {
      first = machine.attach("pool", bytes).range();
    }
    PhysRange page = PhysRange.of(first.start() + 4096, 4096);
    try (Machine machine = Machine.simulated(Machines.qemu());
        AutoCloseable mapped =
            way.equals("ioremap")
                ? machine.ioremap(page)
                : machine.memremap(page, MemremapFlag.WC)) {
      assertThat(mapped).isNotNull();
      PhysRange second = machine.attach("pool", bytes).range();
      assertThat(second.overlaps(page)).isFalse();
      assertThat(second.sizeBytes()).isEqualTo(first.sizeBytes());
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  @DisplayName("IO-1, MR-2 ranges that end at 2^64-1 are refused alike, and with their end")
  void lastAddress() {
    try (Machine machine = Machine.simulated(Machines.qemu())) {
      for (PhysRange range :
          new PhysRange[] {new PhysRange(0, -1), new PhysRange(-4096, -1), new PhysRange(-1, -1)}) {
        MemremapException registers =
            catchThrowableOfType(MemremapException.class, () -> machine.ioremap(range).close());
        assertRefusedAlike(machine.explainIoremap(range), registers);
        assertThat(registers).hasMessageContaining("0xffffffffffffffff");
        MemremapException memory =
            catchThrowableOfType(
                MemremapException.class, () -> machine.memremap(range, MemremapFlag.WB).close());
        assertRefusedAlike(machine.explain(range, MemremapFlag.WB), memory);
      }
    }
  }

  @Test
  @DisplayName("C-19 a device of an architecture without rules is EOPNOTSUPP, as its machine is")
  void noRules() {
    MachineDescription arm64 = Machines.qemu().with("arch", "arm64");
    PhysRange range = PhysRange.of(Machines.BAR, 4096);
    try (Machine machine = Machine.simulated(arm64)) {
      Device device = machine.device("0000:00:02.0");
      MemremapException ofMachine =
          catchThrowableOfType(
              MemremapException.class, () -> machine.memremap(range, MemremapFlag.WC));
      MemremapException ofDevice =
          catchThrowableOfType(
              MemremapException.class, () -> device.memremap(range, MemremapFlag.WC));
      assertThat(ofDevice.errno()).isEqualTo(Errno.EOPNOTSUPP);
      assertThat(ofDevice).hasMessage("device 0000:00:02.0: " + ofMachine.getMessage());
    }
  }

  /** Simulated memory in which something happens while a range is mapped. */
  private record Meanwhile(SparseMemory memory, AtomicReference<Runnable> event)
      implements PhysicalMemory {
    @Override
    public AccessPath accessPath(PhysRange range, CacheMode asked, CacheMode effective) {
      return memory.accessPath(range, asked, effective);
    }

    @Override
    public MappedBytes map(PhysRange range, AccessPath.Open path, Arena arena) {
      event.get().run();
      return memory.map(range, path, arena);
    }

    @Override
    public OptionalLong mappingLimit() {
      return memory.mappingLimit();
    }

    @Override
    public String mappingLimitSource() {
      return memory.mappingLimitSource();
    }

    @Override
    public void close() {
      memory.close();
    }
  }

  @Test
  @DisplayName("LIB-5 a mapping whose device is released while it is made says so, and leaves none")
  void releasedMeanwhile() {
    AtomicReference<Runnable> event = new AtomicReference<>();
    try (Machine machine =
        Machine.builder(Machines.qemu())
            .memory(new Meanwhile(SparseMemory.open(), event))
            .build()) {
      Device device = machine.device("0000:00:02.0");
      event.set(device::release);
      PhysRange range = PhysRange.of(Machines.BAR, 4096);
      assertThatThrownBy(() -> device.memremap(range, MemremapFlag.WC))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining(range.toString())
          .hasMessageContaining("meanwhile; map it again [LIB-5]");
      assertThat(Machines.mappings(machine)).isZero();
      assertThat(machine.memtypes().entries()).isEmpty();
    }
  }

  @Test
  @DisplayName("LIB-1 the copies behind a transformed view count, until it is closed")
  void copiesCount() {
    try (Machine machine =
        Machine.simulated(Machines.qemu().with("kernel", "6.18").with("mem-encrypt", "tdx"))) {
      PhysRange range = PhysRange.of(Machines.PMEM, 4096);
      try (Mapping plain = machine.memremap(range, MemremapFlag.WB, MemremapFlag.DEC)) {
        assertThat(plain.isTransformedView()).isFalse();
        assertThat(Machines.mappings(machine)).isEqualTo(1);
        try (Mapping view = machine.memremap(range, MemremapFlag.WB)) {
          assertThat(view.isTransformedView()).isTrue();
          assertThat(Machines.mappings(machine)).as("its own, the view and its copy").isEqualTo(4);
        }
        assertThat(Machines.mappings(machine)).isEqualTo(1);
      }
      assertThat(Machines.mappings(machine)).isZero();
    }
  }
}
