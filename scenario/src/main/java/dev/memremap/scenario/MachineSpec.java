// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import dev.memremap.Machine;
import dev.memremap.MachineBuilder;
import dev.memremap.MachineDescription;
import dev.memremap.page.MemmapGeometry;
import java.io.UncheckedIOException;

/**
 * Makes what {@code machine SPEC [KEY=VALUE…]} describes: a simulated machine, or for {@code host}
 * the computer itself. Page structures are the kernel's unless it says otherwise (C-8), for a
 * scenario is there to be compared with one.
 */
final class MachineSpec {
  private MachineSpec() {}

  static MachineBuilder builder(Scenario scenario) {
    SelectMachine machine = scenario.machine();
    MachineBuilder builder = machine.isHost() ? host(scenario) : simulated(scenario);
    for (SelectMachine.Setting setting : machine.settings()) {
      try {
        builder.with(setting.key(), setting.value());
      } catch (IllegalArgumentException e) {
        throw mistake(scenario, setting.column(), e);
      }
    }
    return builder;
  }

  private static MachineBuilder host(Scenario scenario) {
    try {
      return Machine.hostBuilder().with("memmap", "kernel");
    } catch (UnsupportedOperationException e) {
      throw mistake(scenario, scenario.machine().specColumn(), e);
    }
  }

  private static MachineBuilder simulated(Scenario scenario) {
    SelectMachine machine = scenario.machine();
    try {
      return Machine.builder(
          MachineDescription.read(scenario.path().resolveSibling(machine.spec()))
              .memmapOr(MemmapGeometry.KERNEL));
    } catch (IllegalArgumentException | UncheckedIOException e) {
      throw mistake(scenario, machine.specColumn(), e);
    }
  }

  static ScenarioSyntaxException mistake(Scenario scenario, int column, RuntimeException cause) {
    return mistake(scenario, column, String.valueOf(cause.getMessage()));
  }

  private static ScenarioSyntaxException mistake(Scenario scenario, int column, String sentence) {
    return new ScenarioSyntaxException(
        scenario.path().toString(), scenario.machine().line(), column, sentence);
  }
}
