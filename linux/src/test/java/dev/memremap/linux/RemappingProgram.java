// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.machine.MachineDescription;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;
import java.nio.file.Files;
import java.nio.file.Path;

/** Maps and unmaps RAM, and what is not, between system calls that a tracer can tell apart. */
public final class RemappingProgram {
  static final String MARK = "/memremap-mark-";
  static final int RAM_CYCLES = 100_000;
  static final int OTHER_CYCLES = 10;

  private RemappingProgram() {}

  /**
   * Runs.
   *
   * @param args none
   */
  public static void main(String[] args) {
    try (Machine machine =
        Machine.simulated(
            MachineDescription.parse(
                "00001000-3fffffff : System RAM\n40000000-4fffffff : Persistent Memory\n"))) {
      // the direct map is mapped when it is first used, and code is compiled when it is hot
      long sum = remap(machine, 0x100000, 3 * RAM_CYCLES) + remap(machine, 0x40000000, 100);
      mark("ram");
      sum += remap(machine, 0x100000, RAM_CYCLES);
      mark("other");
      sum += remap(machine, 0x40000000, OTHER_CYCLES);
      mark("end");
      System.out.println("done " + Long.toHexString(sum));
    }
  }

  private static long remap(Machine machine, long start, int cycles) {
    long sum = 0;
    for (int i = 0; i < cycles; i++) {
      PhysRange range = PhysRange.of(start + ((i & 0xffL) << 12), 4096);
      try (Mapping mapping = machine.memremap(range, MemremapFlag.WB)) {
        sum += mapping.segment().address();
      }
    }
    return sum;
  }

  private static void mark(String name) {
    if (Files.exists(Path.of(MARK + name))) {
      throw new IllegalStateException(MARK + name + " exists");
    }
  }
}
