// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import dev.memremap.MachineDescription;
import dev.memremap.page.MemmapGeometry;
import java.io.UncheckedIOException;

/**
 * Finds what {@code machine SPEC [KEY=VALUE…]} describes. Page structures are the kernel's unless
 * it says otherwise (C-8), for a scenario is there to be compared with one.
 */
final class MachineSpec {
  private MachineSpec() {}

  static MachineDescription describe(Scenario scenario) {
    SelectMachine machine = scenario.machine();
    if (machine.isHost()) {
      throw mistake(
          scenario,
          machine.specColumn(),
          "this library does not reach the host's own memory yet: name a machine file,"
              + " a copy of the host's /proc/iomem for one");
    }
    MachineDescription description;
    try {
      description = MachineDescription.read(scenario.path().resolveSibling(machine.spec()));
    } catch (IllegalArgumentException | UncheckedIOException e) {
      throw mistake(scenario, machine.specColumn(), e);
    }
    for (SelectMachine.Setting setting : machine.settings()) {
      try {
        description = description.with(setting.key(), setting.value());
      } catch (IllegalArgumentException e) {
        throw mistake(scenario, setting.column(), e);
      }
    }
    return description.memmapOr(MemmapGeometry.KERNEL);
  }

  static ScenarioSyntaxException mistake(Scenario scenario, int column, RuntimeException cause) {
    return mistake(scenario, column, String.valueOf(cause.getMessage()));
  }

  private static ScenarioSyntaxException mistake(Scenario scenario, int column, String sentence) {
    return new ScenarioSyntaxException(
        scenario.path().toString(), scenario.machine().line(), column, sentence);
  }
}
