// SPDX-License-Identifier: Apache-2.0
package user;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.memremap.Machine;
import dev.memremap.testkit.MachineText;
import org.junit.jupiter.api.Test;

@MachineText("fd000000-fdffffff : 0000:00:02.0")
class UserTest {
  @Test
  void roundTrip(Machine machine) {
    assertEquals(0x0123456789abcdefL, User.roundTrip(machine));
  }
}
