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
  private final Kernel kernel;
  private final Dialect dialect;

  /** All that a machine can do that follows 6.1. */
  LibraryJudge() {
    this(Kernel.FOLLOWED, Dialect.WHOLE);
  }

  /** What a kernel can be asked. */
  LibraryJudge(Kernel kernel, Dialect dialect) {
    this.kernel = kernel;
    this.dialect = dialect;
  }

  @Override
  public Kernel kernel() {
    return kernel;
  }

  @Override
  public Dialect dialect() {
    return dialect;
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
