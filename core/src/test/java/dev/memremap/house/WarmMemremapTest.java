// SPDX-License-Identifier: Apache-2.0
package dev.memremap.house;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.Machine;
import dev.memremap.house.EnteredTypes.Entered;
import dev.memremap.machine.MachineDescription;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.Memparse;
import dev.memremap.resource.PhysRange;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * The condition on how much a reader of one remap has to open: "one warm {@code memremap(range,
 * WC)} enters at most 24 top-level types of core, 12 of them classes".
 *
 * <p>A type is entered when one of its methods runs, constructors and lambdas included; what is
 * nested counts as the type around it. A class is what is neither a record, an enum nor an
 * interface: it may have state and a protocol that a reader has to know, the others are values and
 * what they answer.
 */
class WarmMemremapTest {
  private static final int MAX_TYPES = 24;
  private static final int MAX_CLASSES = 12;

  /** Maps a device's window anew at each run. */
  static class Remap implements EnteredTypes.Work {
    private final PhysRange window = PhysRange.parse("0xfd000000+64K");
    private final Machine machine =
        Machine.simulated(
            MachineDescription.parse(
                """
                00001000-0009fbff : System RAM
                00100000-3fffffff : System RAM
                80000000-febfffff : PCI Bus 0000:00
                  fd000000-fdffffff : 0000:00:02.0
                """));

    @Override
    public AutoCloseable run() {
      return machine.memremap(window, MemremapFlag.WC);
    }

    @Override
    public void close() {
      machine.close();
    }
  }

  /** A memremap that also enters a class which it does not need. */
  static final class RemapAndMore extends Remap {
    @Override
    public AutoCloseable run() {
      assertThat(Memparse.parse("64K")).isEqualTo(65_536);
      return super.run();
    }
  }

  @Test
  @DisplayName(
      "one warm memremap(range, WC) enters at most 24 top-level types of core, 12 of them classes")
  void fewTypes() throws Exception {
    Entered entered = EnteredTypes.by(Remap.class);
    assertThat(entered.types()).hasSizeLessThanOrEqualTo(MAX_TYPES);
    assertThat(entered.classes()).hasSizeLessThanOrEqualTo(MAX_CLASSES);
  }

  @Test
  @DisplayName("a class more on the way is a type and a class more in the count")
  void aPlantedClassIsCounted() throws Exception {
    Entered fewer = EnteredTypes.by(Remap.class);
    Entered more = EnteredTypes.by(RemapAndMore.class);
    assertThat(more.types()).hasSize(fewer.types().size() + 1);
    assertThat(more.classes())
        .hasSize(fewer.classes().size() + 1)
        .extracting(Class::getName)
        .contains(Memparse.class.getName());
  }
}
