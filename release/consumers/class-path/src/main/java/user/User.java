// SPDX-License-Identifier: Apache-2.0
package user;

import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.machine.MachineDescription;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;

/** A program with the library on its class path. */
public final class User {
  private User() {}

  static long roundTrip(Machine machine) {
    try (Mapping mapping = machine.memremap(PhysRange.parse("0xfd000000+4K"), MemremapFlag.WC)) {
      mapping.store(8, 64, 0x0123456789abcdefL);
      return mapping.load(8, 64);
    }
  }

  public static void main(String[] args) {
    MachineDescription card = MachineDescription.parse("fd000000-fdffffff : 0000:00:02.0\n");
    try (Machine machine = Machine.simulated(card)) {
      System.out.println(Long.toHexString(roundTrip(machine)));
    }
  }
}
