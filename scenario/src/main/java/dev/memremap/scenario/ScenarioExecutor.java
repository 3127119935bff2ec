// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

/**
 * Carries out a scenario's operations, one after another: this library does it ({@link
 * MachineExecutor}), a real kernel can.
 *
 * <p>Thread safety: an executor belongs to the thread that runs its scenario.
 */
public interface ScenarioExecutor extends AutoCloseable {

  /**
   * Carries out one operation, in the order of the scenario.
   *
   * @return exactly one answer; an operation that cannot be done answers {@code unsupported}
   */
  Answer execute(Operation operation);

  /** Gives everything back that the operations hold. */
  @Override
  void close();

  /** Makes the executor that one scenario runs on. */
  interface Factory {
    /**
     * Finds the scenario's machine; no operation has been carried out when it returns.
     *
     * @throws ScenarioSyntaxException if the machine is unknown
     */
    ScenarioExecutor open(Scenario scenario);
  }
}
