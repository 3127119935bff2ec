// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.memremap.Lookup;
import dev.memremap.Machine;
import dev.memremap.machine.MachineDescription;
import dev.memremap.ref.Counting;
import dev.memremap.ref.HandshakeMembarrier;
import dev.memremap.ref.PercpuRef;
import dev.memremap.resource.PhysRange;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a map traces where the system refuses a barrier that the tracing needs. */
class RefusedTraceTest {
  private static final PhysRange RANGE = PhysRange.of(1L << 40, 2L << 20);
  private static final long PFN = RANGE.firstPfn(4096);

  /** So often a reference is taken and put that it has cells. */
  private static final int HOT = 2_000;

  private static void refusePass(int pass) {
    HandshakeMembarrier.during =
        () -> {
          if (pass > 1) {
            refusePass(pass - 1);
          } else {
            throw new IllegalStateException("no barrier today");
          }
        };
  }

  private static void use(Machine machine) {
    machine.getDevPagemap(PFN, null).put();
    try (Lookup held = machine.lookup(PFN)) {
      assertThat(held).isNotNull();
    }
  }

  @ParameterizedTest(name = "the barrier number {0} is refused")
  @ValueSource(ints = {1, 2})
  @DisplayName("a tracing that is refused traces neither gets nor holds, and can be tried again")
  void refused(int pass) {
    PercpuRef ref = PercpuRef.init();
    try (Machine machine =
        Machine.simulated(
            MachineDescription.parse("# phys-bits=46\n00001000-3fffffff : System RAM\n"))) {
      DevPagemap map = DevPagemap.over(RANGE).type(MemoryType.GENERIC).ref(ref).build();
      machine.memremapPages(map);
      for (int i = 0; i < HOT; i++) {
        use(machine);
      }
      assumeTrue(ref.counting() == Counting.CELLS, Counting.reason());
      refusePass(pass);
      assertThatIllegalStateException()
          .isThrownBy(() -> map.traceHolders(true))
          .withMessage("no barrier today");
      assertThat(ref.counting()).isEqualTo(Counting.CELLS);
      machine.getDevPagemap(PFN, null);
      try (Lookup held = machine.lookup(PFN)) {
        assertThat(held).isNotNull();
        assertThat(map.holders()).isEmpty();
      }
      map.put();
      map.traceHolders(true);
      machine.getDevPagemap(PFN, null);
      try (Lookup held = machine.lookup(PFN)) {
        assertThat(held).isNotNull();
        assertThat(map.holders()).hasSize(2);
      }
      map.put();
      ref.kill();
      machine.memunmapPages(map);
      assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
    } finally {
      HandshakeMembarrier.during = null;
    }
  }
}
