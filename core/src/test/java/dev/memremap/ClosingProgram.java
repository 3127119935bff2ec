// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;

/** Unmaps in each of the ways there are, and says before each which one comes. */
final class ClosingProgram {
  static final int MAPPINGS = 200;
  static final int DEVICES = 3;

  private ClosingProgram() {}

  /** Started by {@link HandshakesTest}. */
  public static void main(String[] args) {
    Machine machine = Machine.simulated(Machines.qemu());

    System.out.println("slices");
    for (int i = 0; i < MAPPINGS; i++) {
      machine.memremap(page(Machines.RAM, i), MemremapFlag.WB).close();
    }

    System.out.println("mapping");
    for (int i = 0; i < MAPPINGS; i++) {
      machine.memremap(page(Machines.PMEM, i), MemremapFlag.WB);
    }
    System.out.println("mappings");
    machine.liveMappings().forEach(Mapping::close);

    Device device = machine.newDevice("released");
    map(device, 0);
    System.out.println("release");
    device.release();

    for (int i = 0; i < DEVICES; i++) {
      map(machine.newDevice("left " + i), i * MAPPINGS);
    }
    System.out.println("close");
    machine.close();
    System.out.println("end");
  }

  private static void map(Device device, int from) {
    for (int i = from; i < from + MAPPINGS; i++) {
      device.memremap(page(Machines.PMEM, i), MemremapFlag.WB);
      device.memremap(page(Machines.RAM, i), MemremapFlag.WB);
    }
  }

  private static PhysRange page(long first, int number) {
    return PhysRange.of(first + number * 4096L, 4096);
  }
}
