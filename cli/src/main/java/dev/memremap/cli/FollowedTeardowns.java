// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.Machine;
import dev.memremap.drawing.model.Timeline;
import dev.memremap.drawing.source.Teardowns;
import dev.memremap.rule.PlainText;
import dev.memremap.scenario.Answer;
import dev.memremap.scenario.Arguments;
import dev.memremap.scenario.MachineExecutor;
import dev.memremap.scenario.Operation;
import dev.memremap.scenario.Scenario;
import dev.memremap.scenario.ScenarioExecutor;
import dev.memremap.scenario.StepWatch;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Follows the page maps of the scenario that runs, and names steps by their lines. */
final class FollowedTeardowns implements StepWatch {
  private Teardowns teardowns = new Teardowns();
  private @Nullable Scenario running;

  /** An operation and its line, as pictures show them. */
  static String step(Scenario scenario, Operation operation) {
    return PlainText.of("line %d: %s".formatted(operation.line(), scenario.textOf(operation)));
  }

  @Override
  public void after(
      Scenario scenario, ScenarioExecutor executor, Operation operation, Answer answer) {
    if (!scenario.equals(running)) {
      running = scenario;
      teardowns = new Teardowns();
    }
    if (executor instanceof MachineExecutor on) {
      look(on.machine(), step(scenario, operation), operation, answer);
    }
  }

  private void look(Machine machine, String step, Operation operation, Answer answer) {
    teardowns.look(machine, step);
    if (operation.arguments() instanceof Arguments.Lookup looked && answer.text().equals("none")) {
      teardowns.missed(machine, looked.pfn(), step);
    }
  }

  /** The teardowns that have begun in the scenario that runs. */
  List<Timeline> timelines() {
    return teardowns.timelines();
  }
}
