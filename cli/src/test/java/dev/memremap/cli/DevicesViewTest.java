// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.Machine;
import dev.memremap.machine.MachineDescription;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A list of devices as users see it. */
class DevicesViewTest {

  @Test
  @DisplayName("devices lists each region with the flags it can be mapped with, and its files")
  void lines() {
    Golden.check("devices.txt", String.join("\n", FakeDevices.view().lines()) + "\n");
  }

  @Test
  @DisplayName("devices --json says the same")
  void json() {
    Golden.check("devices.json", FakeDevices.view().toJson() + "\n");
  }

  @Test
  @DisplayName("a computer without devices gets a sentence")
  void none() {
    try (Machine machine =
        Machine.simulated(MachineDescription.parse("00000000-00000fff : Reserved\n"))) {
      assertThat(DevicesView.of(machine).lines()).singleElement().asString().contains("no device");
    }
  }
}
