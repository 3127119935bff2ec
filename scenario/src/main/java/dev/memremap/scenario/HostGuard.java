// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

/** Keeps a scenario from changing the machine it runs on unless the user insists. */
final class HostGuard {
  private HostGuard() {}

  /**
   * Passes if the machine is simulated, or nothing in the scenario stores, remaps or maps pages.
   *
   * @throws ScenarioSyntaxException at the first operation that does
   */
  static void requireHarmless(Scenario scenario) {
    if (!scenario.machine().isHost()) {
      return;
    }
    for (Operation operation : scenario.operations()) {
      boolean harmful =
          operation instanceof MemremapOperation.Store
              || operation instanceof MemremapOperation.Memremap
              || operation instanceof PagemapOperation.RemapPages;
      if (harmful) {
        throw new ScenarioSyntaxException(
            scenario.path().toString(),
            operation.line(),
            scenario.columnOf(operation),
            "this would work on the host's own memory; add --force if that is meant");
      }
    }
  }
}
