// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.memremap.Machine;
import dev.memremap.machine.MachineDescription;
import dev.memremap.ref.Counting;
import dev.memremap.ref.HandshakeMembarrier;
import dev.memremap.ref.PercpuRef;
import dev.memremap.resource.PhysRange;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What a map says of itself between the beginning of its unmapping and the kill. */
class KillInBetweenTest {
  private static final PhysRange RANGE = PhysRange.of(1L << 40, 2L << 20);

  @Test
  @DisplayName("GP-3 a map is live as long as lookups find it, and not unmapped before")
  void liveWhileFound() {
    PercpuRef ref = PercpuRef.init();
    try (Machine machine =
        Machine.simulated(
            MachineDescription.parse("# phys-bits=46\n00001000-3fffffff : System RAM\n"))) {
      DevPagemap map = DevPagemap.over(RANGE).type(MemoryType.GENERIC).ref(ref).build();
      machine.memremapPages(map);
      for (int i = 0; i < 2_000; i++) {
        ref.get();
        ref.put();
      }
      assumeTrue(ref.counting() == Counting.CELLS, Counting.reason());
      List<Boolean> seen = new ArrayList<>();
      HandshakeMembarrier.during =
          () -> {
            DevPagemap found = machine.getDevPagemap(RANGE.firstPfn(4096), null);
            seen.add(found != null);
            seen.add(map.state() == DevPagemap.State.LIVE);
            seen.add(map.state() == DevPagemap.State.DRAINING);
            if (found != null) {
              found.put();
            }
          };
      machine.memunmapPages(map);
      assertThat(seen).containsExactly(true, true, false);
      assertThat(map.state()).isNotEqualTo(DevPagemap.State.LIVE);
      assertThat(machine.getDevPagemap(RANGE.firstPfn(4096), null)).isNull();
    }
  }
}
