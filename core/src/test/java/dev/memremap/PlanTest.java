// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static dev.memremap.plan.MemremapFlag.WB;
import static dev.memremap.plan.MemremapFlag.WC;
import static dev.memremap.plan.MemremapFlag.WT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memremap.cache.CacheMode;
import dev.memremap.machine.MachineDescription;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.plan.IoremapPlan;
import dev.memremap.plan.Plan;
import dev.memremap.plan.RemapPlan;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Attempt;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import java.util.Comparator;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What all explanations have in common. */
class PlanTest {
  private static final PhysRange RAM = PhysRange.of(0x100000, 0x100000);
  private static final PhysRange PMEM = PhysRange.of(0x40000000, 16 << 20);
  private static final PhysRange BOTH = new PhysRange(0x3ffff000, 0x40000fff);

  private final Machine machine =
      Machine.simulated(
          MachineDescription.parse(
              """
              # phys-bits=40
              # mtrr-uc=0x80000000+0x80000000
              # memtype=
              00001000-3fffffff : System RAM
              40000000-40ffffff : Persistent Memory
              """));

  @AfterEach
  void close() {
    machine.close();
  }

  /** One of the three functions, and the one that explains it. */
  private enum Asked {
    REMAP {
      @Override
      Plan explain(Machine machine, PhysRange range) {
        return machine.explain(range, WT);
      }

      @Override
      void carryOut(Machine machine, PhysRange range) {
        machine.memremap(range, WT);
      }
    },
    REGISTERS {
      @Override
      Plan explain(Machine machine, PhysRange range) {
        return machine.explainIoremap(range);
      }

      @Override
      void carryOut(Machine machine, PhysRange range) {
        machine.ioremap(range);
      }
    },
    PAGES {
      @Override
      Plan explain(Machine machine, PhysRange range) {
        return machine.explainPages(map(range));
      }

      @Override
      void carryOut(Machine machine, PhysRange range) {
        machine.memremapPages(map(range));
      }

      private static DevPagemap map(PhysRange range) {
        return DevPagemap.over(range).type(MemoryType.GENERIC).build();
      }
    };

    abstract Plan explain(Machine machine, PhysRange range);

    abstract void carryOut(Machine machine, PhysRange range);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("a granted plan has no refusal, passes, and offers nothing else")
  void granted(Asked asked) {
    Plan plan = asked.explain(machine, PMEM);
    assertThat(plan.isGranted()).isTrue();
    assertThat(plan.refusal()).isEmpty();
    assertThat(plan.departure()).isEmpty();
    assertThat(plan.nearest()).isEmpty();
    assertThat(plan.lines().getFirst()).startsWith("granted");
    assertThat(plan.orThrow()).isSameAs(plan);
    assertThatIllegalStateException().isThrownBy(plan::exception).withMessageEndingWith("granted");
    asked.carryOut(machine, PMEM);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("a refused plan throws what the function throws that it explains")
  void refused(Asked asked) {
    Plan plan = asked.explain(machine, RAM);
    MemremapException planned = thrownBy(plan::orThrow);
    MemremapException thrown = thrownBy(() -> asked.carryOut(machine, RAM));
    assertThat(planned).hasMessage(thrown.getMessage());
    assertThat(planned.refusal()).isEqualTo(thrown.refusal());
    assertThat(plan.isGranted()).isFalse();
    assertThat(plan.refusal()).get().extracting("rule").isEqualTo(thrown.rule());
    assertThat(thrown.sentence()).endsWith(plan.refusal().orElseThrow().sentence());
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("LIB-5 a closed machine explains as little as it carries out")
  void closed(Asked asked) {
    machine.close();
    for (ThrowingCallable call :
        List.<ThrowingCallable>of(
            () -> asked.explain(machine, PMEM), () -> asked.carryOut(machine, PMEM))) {
      assertThatIllegalStateException().isThrownBy(call).withMessageContaining("LIB-5");
    }
  }

  private static MemremapException thrownBy(ThrowingCallable call) {
    return catchThrowableOfType(MemremapException.class, call);
  }

  @ParameterizedTest
  @EnumSource(names = {"REGISTERS", "PAGES"})
  @DisplayName("what is near a refused range is granted there")
  void nearest(Asked asked) {
    Plan plan = asked.explain(machine, BOTH);
    assertThat(plan.isGranted()).isFalse();
    assertThat(plan.nearest()).isNotEmpty();
    assertThat(plan.nearest())
        .allSatisfy(near -> assertThat(asked.explain(machine, near).refusal()).isEmpty());
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("the nearest range comes first, by the distance between the first bytes")
  void nearestFirst(Asked asked) {
    PhysRange overBoth = new PhysRange(0x3fff0000, 0x401fffff);
    Asked.PAGES.carryOut(machine, PhysRange.of(0x40200000, 0x200000));
    List<PhysRange> nearest = asked.explain(machine, overBoth).nearest();
    assertThat(nearest).isNotEmpty();
    assertThat(nearest)
        .isSortedAccordingTo(
            Comparator.comparingLong(near -> Math.abs(near.start() - overBoth.start())));
  }

  @Test
  @DisplayName("a remap's nearest ranges have the types that are granted there")
  void nearestGrants() {
    RemapPlan plan = machine.explain(BOTH, WB);
    assertThat(plan.nearestGrants())
        .containsExactly(
            new RemapPlan.Nearest(PhysRange.of(0x3ffff000, 0x1000), List.of(WB), true),
            new RemapPlan.Nearest(PhysRange.of(0x40000000, 0x1000), List.of(WB, WT, WC), false));
    for (RemapPlan.Nearest near : plan.nearestGrants()) {
      near.types().forEach(type -> machine.memremap(near.range(), type).close());
    }
  }

  @Test
  @DisplayName("the nearest ranges are those of the moment they are asked for")
  void nearestIsOfNow() {
    RemapPlan remap = machine.explain(BOTH, WT);
    IoremapPlan registers = machine.explainIoremap(BOTH);
    PhysRange page = PhysRange.of(0x40000000, 0x1000);
    assertThat(registers.nearest()).containsExactly(page);
    try (Mapping cached = machine.memremap(page, WB)) {
      assertThat(cached.cacheMode()).isEqualTo(CacheMode.WB);
      assertThat(registers.nearest()).as("MT-8").isEmpty();
      assertThat(remap.nearestGrants().getLast().types()).as("MT-8").containsExactly(WB);
    }
    assertThat(registers.nearest()).containsExactly(page);
    assertThat(remap.nearestGrants().getLast().types()).containsExactly(WB, WT, WC);
  }

  @Test
  @DisplayName("registers: a granted plan has the mode and the way, a refused one neither")
  void registers() {
    IoremapPlan granted = machine.explainIoremap(PMEM);
    assertThat(granted.range()).isEqualTo(PMEM);
    assertThat(granted.cacheMode()).contains(CacheMode.UC_MINUS);
    assertThat(granted.way()).as("there is one way to simulated memory").isEmpty();
    assertThat(granted.lines())
        .containsExactly("granted: MT-5, registers, UC-: nothing else maps the range");
    IoremapPlan refused = machine.explainIoremap(RAM);
    assertThat(refused.cacheMode()).isEmpty();
    assertThat(refused)
        .hasToString("refused: IO-1, System RAM that the kernel uses cannot be mapped anew");
  }

  @Test
  @DisplayName("registers may be asked for UC: MT-8 forbids it nothing, and a mode there wins")
  void uncached() {
    IoremapPlan granted = machine.explainIoremap(PMEM, CacheMode.UC);
    assertThat(granted.cacheMode()).contains(CacheMode.UC);
    assertThat(machine.explainIoremap(PMEM, CacheMode.UC_MINUS))
        .hasToString(machine.explainIoremap(PMEM).toString());
    try (Mapping cached = machine.memremap(PMEM, WB)) {
      assertThat(cached.cacheMode()).isEqualTo(CacheMode.WB);
      assertThat(machine.explainIoremap(PMEM, CacheMode.UC).cacheMode()).contains(CacheMode.WB);
      assertThat(machine.explainIoremap(PMEM, CacheMode.UC_MINUS).refusal())
          .hasValueSatisfying(why -> assertThat(why.rule()).isEqualTo(Rule.MT_8));
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> machine.explainIoremap(PMEM, CacheMode.WC))
        .withMessage("registers are mapped UC- or UC, and WC is neither");
  }

  @Test
  @DisplayName("D-9 a plan names the departure that it follows from")
  void departure() {
    PhysRange beyond = new PhysRange((1L << 40) - 1, 1L << 40);
    assertThat(machine.explainIoremap(beyond).departure()).contains(Rule.D_9);
    assertThat(machine.explainIoremap(beyond).lines().getLast())
        .startsWith("  departs from kernels: D-9");
    assertThat(machine.explain(beyond, WC).departure()).contains(Rule.D_9);
    assertThat(machine.explainIoremap(beyond).nearest())
        .containsExactly(PhysRange.of((1L << 40) - 1, 1));
  }

  @Test
  @DisplayName("D-6 a refused remap's exception has every attempt")
  void attempts() {
    RemapPlan plan = machine.explain(RAM, WT, WC);
    assertThat(plan.exception().attempts())
        .isEqualTo(plan.attempts())
        .extracting(Attempt::mode)
        .containsExactly("WT", "WC");
  }
}
