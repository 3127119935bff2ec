// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static dev.memremap.Machines.PMEM;
import static dev.memremap.Machines.RAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.memremap.Machines.Tables;
import dev.memremap.cache.CacheMode;
import dev.memremap.internal.sim.SparseMemory;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Attempt;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import dev.memremap.spi.AccessPath;
import dev.memremap.spi.ForwardingMemory;
import dev.memremap.spi.MappedBytes;
import dev.memremap.spi.PhysicalMemory;
import java.lang.foreign.Arena;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every step of memremap that can fail is made to; afterwards the tables are as before. */
class FaultTest {

  /** Memory that refuses to map in some modes. */
  private static final class Refusing extends ForwardingMemory {
    private final Set<CacheMode> modes;
    private final Errno errno;

    Refusing(PhysicalMemory memory, Set<CacheMode> modes, Errno errno) {
      super(memory);
      this.modes = modes;
      this.errno = errno;
    }

    @Override
    public MappedBytes map(PhysRange range, AccessPath.Open path, Arena arena) {
      if (modes.contains(path.mode())) {
        throw new MemremapException(errno, Rule.LIB_2, "no room for " + path.mode());
      }
      return super.map(range, path, arena);
    }
  }

  private static Machine machine(Set<CacheMode> refused, Errno errno) {
    return Machine.builder(Machines.qemu())
        .memory(new Refusing(SparseMemory.open(), refused, errno))
        .build();
  }

  private static MemremapException refusal(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    return catchThrowableOfType(MemremapException.class, call);
  }

  @ParameterizedTest
  @EnumSource(names = {"ENOSPC", "ENOMEM", "EFBIG", "EIO"})
  @DisplayName("IO-2 mapping fails: the memory type is given back, and the errno is passed on")
  void mappingFails(Errno errno) {
    try (Machine machine = machine(EnumSet.allOf(CacheMode.class), errno)) {
      Tables before = Tables.of(machine);
      MemremapException own = refusal(() -> machine.memremap(PMEM, 4096, 1));
      assertThat(own.errno()).isEqualTo(errno);
      assertThat(own).hasMessageContaining("no room for WB");
      assertThat(Tables.of(machine)).isEqualTo(before);

      MemremapException direct = refusal(() -> machine.memremap(RAM, 4096, 7));
      assertThat(direct.errno()).isEqualTo(errno);
      assertThat(Tables.of(machine)).isEqualTo(before);

      Device device = machine.newDevice("d");
      MemremapException managed = refusal(() -> device.memremap(PMEM, 4096, 1));
      assertThat(managed.errno()).as("MU-2").isEqualTo(Errno.ENXIO);
      assertThat(device.devres().size()).isZero();
      assertThat(Tables.of(machine)).isEqualTo(before);
      device.release();
      assertThat(Tables.of(machine)).isEqualTo(before);
    }
  }

  @Test
  @DisplayName("W-2 one mode cannot be mapped: the next is tried, and the answer tells of both")
  void nextModeIsTried() {
    try (Machine machine = machine(EnumSet.of(CacheMode.WB), Errno.ENOMEM)) {
      Tables before = Tables.of(machine);
      try (Mapping mapping = machine.memremap(PMEM, 4096, 7)) {
        assertThat(mapping.cacheMode()).isEqualTo(CacheMode.WT);
        assertThat(mapping.plan().attempts())
            .extracting(Attempt::mode, Object::getClass)
            .containsExactly(
                tuple("WB", Attempt.Refused.class),
                tuple("WT", Attempt.Granted.class),
                tuple("WC", Attempt.NotNeeded.class));
        assertThat(machine.memtypes().entries()).hasSize(1);
      }
      assertThat(Tables.of(machine)).isEqualTo(before);
    }
  }

  @Test
  @DisplayName("D-6 no mode can be mapped: every attempt is told, in order")
  void everyAttemptIsTold() {
    try (Machine machine = machine(EnumSet.allOf(CacheMode.class), Errno.ENOMEM)) {
      Tables before = Tables.of(machine);
      MemremapException e = refusal(() -> machine.memremap(PMEM, 4096, 7));
      assertThat(e.attempts()).extracting(Attempt::mode).containsExactly("WB", "WT", "WC");
      assertThat(e.attempts())
          .allSatisfy(
              attempt ->
                  assertThat(attempt.refusal().orElseThrow().errno()).isEqualTo(Errno.ENOMEM));
      assertThat(Tables.of(machine)).isEqualTo(before);
    }
  }

  @Test
  @DisplayName("MT-5, MT-8 the memory type is refused: EBUSY, and no entry more")
  void memtypeRefused() {
    try (Machine machine = Machines.machine();
        Mapping first = machine.memremap(PMEM, 4096, MemremapFlag.WC.bit());
        Mapping second = machine.memremap(PMEM + 4096, 4096, MemremapFlag.WT.bit())) {
      Tables before = Tables.of(machine);
      MemremapException two = refusal(() -> machine.memremap(PMEM, 8192, 7));
      assertThat(two.errno()).isEqualTo(Errno.EBUSY);
      assertThat(two.attempts()).extracting(Attempt::rule).containsOnly(Rule.MT_5);
      MemremapException weaker = refusal(() -> machine.memremap(PMEM, 4096, MemremapFlag.WT.bit()));
      assertThat(weaker.rule()).isEqualTo(Rule.MT_8);
      assertThat(weaker).hasMessageContaining("0x40000000-0x40000fff is mapped WC already");
      assertThat(Tables.of(machine)).isEqualTo(before);
      assertThat(List.of(first.isOpen(), second.isOpen())).containsOnly(true);
    }
  }

  @Test
  @DisplayName("LIB-3 a view that is too large is refused before anything is mapped")
  void viewTooLarge() {
    try (Machine machine =
        Machine.simulated(Machines.qemu().with("kernel", "6.18").with("mem-encrypt", "tdx"))) {
      Tables before = Tables.of(machine);
      MemremapException e = refusal(() -> machine.memremap(PMEM, (64L << 20) + 1, 1));
      assertThat(e.rule()).isEqualTo(Rule.LIB_3);
      assertThat(e).hasMessageContaining("64 MiB");
      assertThat(Tables.of(machine)).isEqualTo(before);
    }
  }
}
