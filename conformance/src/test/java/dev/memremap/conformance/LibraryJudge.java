// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import dev.memremap.conformance.generator.Dialect;
import dev.memremap.scenario.Answers;
import dev.memremap.scenario.Kernel;
import dev.memremap.scenario.MachineExecutor;
import dev.memremap.scenario.Operation;
import dev.memremap.scenario.Scenario;
import dev.memremap.scenario.ScenarioExecutor;

/** This library as the judge, for tests of what is judged. */
class LibraryJudge implements Judge {
  @Override
  public Kernel kernel() {
    return Kernel.FOLLOWED;
  }

  @Override
  public Dialect dialect() {
    return Dialect.WHOLE;
  }

  @Override
  public Answers answer(Scenario scenario) {
    StringBuilder text = new StringBuilder();
    try (ScenarioExecutor executor = MachineExecutor.open(scenario)) {
      for (Operation operation : scenario.operations()) {
        String answer = executor.execute(operation).text();
        text.append(
            "%d: %s\n".formatted(operation.line(), said(scenario.textOf(operation), answer)));
      }
    }
    return Answers.parse(scenario.path(), text.toString());
  }

  /** What it says to an operation, given the right answer. */
  String said(String operation, String right) {
    return right;
  }

  @Override
  public void close() {
    // nothing is open
  }
}
