// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.Machine;
import dev.memremap.PageHold;
import dev.memremap.machine.MachineDescription;
import dev.memremap.ref.PercpuRef;
import dev.memremap.resource.PhysRange;
import dev.memremap.windows.Race;
import dev.memremap.windows.Windows;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A hold is closed twice at once, and is the last thing that keeps its map: whichever close comes
 * first unmaps the map, its page structures in the device's own memory included.
 */
class SecondCloseWindowsTest {
  private static final PhysRange RANGE = PhysRange.of(1L << 40, 256L << 20);
  private static final long PFN = RANGE.lastPfn(4096);
  private static final int RESERVED_PAGES = 2;
  private static final int FREE_PAGES = 4094;

  private static final Windows WINDOWS =
      Windows.in("PagemapHold", "PageHold", "PagemapLife", "LifeHolds", "Memmap", "PageWord");

  /** Two closes of the last hold of a map that was unmapped. */
  static final class ClosedTwice implements Race {
    private final Machine machine =
        Machine.simulated(
            MachineDescription.parse(
                "# phys-bits=46\n# memmap=kernel\n00001000-3fffffff : System RAM\n"));
    private final AtomicInteger released = new AtomicInteger();
    private final PercpuRef ref = PercpuRef.init(released::incrementAndGet);
    private final DevPagemap map;
    private final PageHold hold;

    ClosedTwice(String altmap) {
      DevPagemap.Builder builder = DevPagemap.over(RANGE).type(MemoryType.GENERIC).ref(ref);
      if (altmap.equals("altmap")) {
        builder.altmap(RESERVED_PAGES, FREE_PAGES, 4096);
      }
      map = builder.build();
      machine.memremapPages(map);
      hold = Objects.requireNonNull(machine.hold(PFN));
      machine.memunmapPages(map);
    }

    @Override
    public void operation() {
      hold.close();
    }

    @Override
    public void meanwhile() {
      hold.close();
    }

    @Override
    public void check() {
      assertThat(map.state()).isEqualTo(DevPagemap.State.UNMAPPED);
      assertThat(released).hasValue(1);
    }

    @Override
    public void close() {
      machine.close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"altmap", "none"})
  @DisplayName("D-5 the second close of a hold does nothing, whatever the first one unmapped")
  void closedTwice(String altmap) throws Exception {
    assertThat(WINDOWS.openAll(ClosedTwice.class, altmap)).isGreaterThan(3);
  }
}
