// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import dev.memremap.rule.Rule;
import dev.memremap.scenario.Answer;
import dev.memremap.scenario.MachineExecutor;
import dev.memremap.scenario.Operation;
import dev.memremap.scenario.Scenario;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/**
 * Runs a scenario with whatever library this class was loaded beside. Its answers cross to another
 * loader as text: the answer, its departure, and whether the states part, with tabs between.
 */
public final class FaultyRun implements BiFunction<String, String, List<String>> {
  /** Made by reflection. */
  public FaultyRun() {}

  @Override
  public List<String> apply(String file, String text) {
    List<String> answers = new ArrayList<>();
    Scenario scenario = Scenario.parse(Path.of(file), text);
    MachineExecutor executor = MachineExecutor.open(scenario);
    for (Operation operation : scenario.operations()) {
      Answer answer;
      try {
        answer = executor.execute(operation);
      } catch (RuntimeException | AssertionError broken) {
        answer = Answer.of("broken: " + broken.getClass().getSimpleName());
      }
      answers.add(
          "%s\t%s\t%s"
              .formatted(
                  answer.text(), answer.departure().map(Rule::id).orElse(""), answer.parts()));
    }
    try {
      executor.close();
    } catch (RuntimeException | AssertionError broken) {
      // a library with a fault may well fail to clean up; its answers are what is looked at
      return answers;
    }
    return answers;
  }
}
