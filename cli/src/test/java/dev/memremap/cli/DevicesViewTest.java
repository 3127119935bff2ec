// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static dev.memremap.plan.MemremapFlag.WB;
import static dev.memremap.plan.MemremapFlag.WC;
import static dev.memremap.plan.MemremapFlag.WT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.Machine;
import dev.memremap.machine.MachineDescription;
import dev.memremap.resource.PhysRange;
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
    Schemas.check(FakeDevices.view().toJson());
    Golden.check("devices.json", FakeDevices.view().toJson() + "\n");
  }

  @Test
  @DisplayName("LIB-9 devices says of memory in use what read and read --ioremap say")
  void sameSentence() {
    try (Machine machine = FakeDevices.machine()) {
      String lines = String.join("\n", DevicesView.of(machine).lines());
      assertThatThrownBy(() -> machine.ioremap(region(machine, "uio7")))
          .satisfies(refused -> assertThat(lines).contains("no: " + firstLine(refused) + "\n"));
      assertThatThrownBy(() -> machine.memremap(region(machine, "dax1.0"), WB, WT, WC))
          .satisfies(refused -> assertThat(lines).contains("no: " + firstLine(refused) + "\n"));
    }
  }

  /** Without the attempts and the assumptions, which follow. */
  private static String firstLine(Throwable refused) {
    return refused.getMessage().lines().findFirst().orElseThrow();
  }

  private static PhysRange region(Machine machine, String device) {
    return machine.hardware().stream()
        .filter(each -> each.name().equals(device))
        .findFirst()
        .orElseThrow()
        .regions()
        .getFirst()
        .range();
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
