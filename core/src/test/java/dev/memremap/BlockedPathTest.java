// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.memremap.cache.CacheMode;
import dev.memremap.internal.sim.SparseMemory;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.plan.RemapPlan;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Attempt;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import dev.memremap.spi.AccessPath;
import dev.memremap.spi.ForwardingMemory;
import dev.memremap.spi.MappedBytes;
import dev.memremap.spi.PhysicalMemory;
import java.lang.foreign.Arena;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a plan says of each mapping type where the way to the memory is barred. */
class BlockedPathTest {
  private static final Refusal BARRED =
      new Refusal(Errno.EACCES, Rule.LIB_6, "the one route is barred");

  /** Memory that no path leads to, or whose path leads to a mapping that fails. */
  private static final class Barred extends ForwardingMemory {
    private final boolean path;

    Barred(PhysicalMemory memory, boolean path) {
      super(memory);
      this.path = path;
    }

    @Override
    public AccessPath accessPath(PhysRange range, CacheMode asked, CacheMode effective) {
      return path ? super.accessPath(range, asked, effective) : new AccessPath.Blocked(BARRED);
    }

    @Override
    public MappedBytes map(PhysRange range, AccessPath.Open open, Arena arena) {
      throw new MemremapException(BARRED);
    }
  }

  private static Machine machine(boolean path) {
    return Machine.builder(Machines.qemu()).memory(new Barred(SparseMemory.open(), path)).build();
  }

  private static MemremapException refusal(
      Machine machine, PhysRange range, MemremapFlag... flags) {
    return catchThrowableOfType(MemremapException.class, () -> machine.memremap(range, flags));
  }

  @ParameterizedTest(name = "a path leads to it: {0}")
  @ValueSource(booleans = {false, true})
  @DisplayName("MR-5 where the direct map fails, WT and WC are among the attempts, not tried")
  void directMap(boolean path) {
    try (Machine machine = machine(path)) {
      PhysRange ram = PhysRange.of(Machines.RAM, 0x1000);
      MemremapException refused =
          refusal(machine, ram, MemremapFlag.WC, MemremapFlag.WT, MemremapFlag.WB);
      assertThat(refused.errno()).isEqualTo(Errno.EACCES);
      assertThat(refused.attempts())
          .extracting(Attempt::mode, Attempt::outcome, Attempt::rule)
          .containsExactly(
              tuple("WB", "refused", Rule.LIB_6),
              tuple("WT", "not tried", Rule.MR_5),
              tuple("WC", "not tried", Rule.MR_5));
      assertThat(refusal(machine, ram, MemremapFlag.WB).attempts())
          .extracting(Attempt::mode)
          .containsExactly("WB");
    }
  }

  @Test
  @DisplayName("LIB-6 a plan over a barred path says what the refused remap says")
  void planned() {
    try (Machine machine = machine(false)) {
      for (long start : List.of(Machines.RAM, Machines.PMEM)) {
        PhysRange range = PhysRange.of(start, 0x1000);
        RemapPlan plan = machine.explain(range, MemremapFlag.WB, MemremapFlag.WC);
        assertThat(plan.attempts()).extracting(Attempt::mode).containsExactly("WB", "WC");
        assertThat(refusal(machine, range, MemremapFlag.WB, MemremapFlag.WC))
            .hasMessage(plan.exception().getMessage());
      }
    }
  }
}
