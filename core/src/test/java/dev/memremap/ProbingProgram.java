// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static dev.memremap.Machines.PMEM;

import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;

/**
 * Probes and removes, again and again, in a heap that holds few devices: a new device each time,
 * now and then with a mapping and a page map, and the machine's own device.
 */
final class ProbingProgram {
  private ProbingProgram() {}

  /**
   * Started by {@link ProbingTest}, and by a piece of {@code thorough}, with the number of probes.
   */
  public static void main(String[] args) {
    int probes = Integer.parseInt(args[0]);
    int[] acted = {0};
    try (Machine machine = Machines.machine()) {
      for (int i = 0; i < probes; i++) {
        Device made = machine.newDevice("probe " + i);
        made.devres().addAction(() -> acted[0]++);
        if (i % 100 == 0) {
          made.memremap(PhysRange.of(PMEM, 4096), MemremapFlag.WC);
          made.memremapPages(
              DevPagemap.over(PhysRange.of(PMEM + (4L << 20), 2L << 20))
                  .type(MemoryType.GENERIC)
                  .build());
        }
        made.release();
        try (Device own = machine.device("0000:00:02.0")) {
          own.devres().addAction(() -> acted[0]++);
        }
      }
    }
    if (acted[0] != 2 * probes) {
      throw new AssertionError("%d removes of %d".formatted(acted[0], 2 * probes));
    }
    System.out.println("removed " + acted[0]);
  }
}
