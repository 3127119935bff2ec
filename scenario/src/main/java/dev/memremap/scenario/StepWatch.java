// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

/** Sees each operation of a run once it was carried out, the machine's first. */
public interface StepWatch {
  /** Looks at nothing. */
  StepWatch NONE = (scenario, executor, operation, answer) -> {};

  /** Looks at what an operation left, before the next is carried out. */
  void after(Scenario scenario, ScenarioExecutor executor, Operation operation, Answer answer);
}
