// SPDX-License-Identifier: Apache-2.0
package dev.memremap.serve;

import dev.memremap.Machine;
import dev.memremap.drawing.model.Scene;
import dev.memremap.drawing.source.MachineScene;
import dev.memremap.drawing.source.Teardowns;
import dev.memremap.rule.PlainText;
import dev.memremap.scenario.Answer;
import dev.memremap.scenario.Arguments;
import dev.memremap.scenario.MachineExecutor;
import dev.memremap.scenario.Operation;
import dev.memremap.scenario.Scenario;
import dev.memremap.scenario.ScenarioExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * A scenario, step by step. It is carried out once when this is made, and each step's answer and
 * picture are kept; a question is asked of a machine on which it is carried out again that far.
 *
 * <p>Thread safety: {@code asking} lets one question be answered at a time; all else is immutable.
 */
public final class RunSubject implements Subject {
  private final Scenario scenario;
  private final ScenarioExecutor.Factory machines;
  private final String name;
  private final List<Step> steps = new ArrayList<>();
  private final List<Scene> scenes = new ArrayList<>();
  private final ReentrantLock asking = new ReentrantLock();

  /**
   * Carries a scenario out.
   *
   * @param machines makes the machine, which has to be simulated, again and again
   * @throws dev.memremap.rule.MemremapException if the machine cannot be made
   */
  public RunSubject(Scenario scenario, ScenarioExecutor.Factory machines) {
    this.scenario = Objects.requireNonNull(scenario, "scenario");
    this.machines = Objects.requireNonNull(machines, "machines");
    this.name = PlainText.of(String.valueOf(scenario.path().getFileName()));
    Teardowns teardowns = new Teardowns();
    carryOut(
        scenario.operations().size(),
        machine -> scenes.add(MachineScene.of(name, machine)),
        (machine, operation, answer) -> {
          String said = PlainText.of(scenario.textOf(operation));
          String step = "line %d: %s".formatted(operation.line(), said);
          teardowns.look(machine, step);
          if (operation.arguments() instanceof Arguments.Lookup looked
              && answer.text().equals("none")) {
            teardowns.missed(machine, looked.pfn(), step);
          }
          steps.add(new Step(operation.line(), said, answer.text(), answer.explanation()));
          scenes.add(MachineScene.of(name, machine).withTimelines(teardowns.timelines()));
        },
        machine -> null);
  }

  /** Sees a step. */
  private interface Look {
    void at(Machine machine, Operation operation, Answer answer);
  }

  /** Sees the machine before the first step. */
  private interface First {
    void at(Machine machine);
  }

  private <T> T carryOut(int count, First first, Look look, Function<Machine, T> last) {
    try (ScenarioExecutor executor = machines.open(scenario)) {
      if (!(executor instanceof MachineExecutor on)) {
        throw new IllegalArgumentException("only a machine of this library can be shown");
      }
      first.at(on.machine());
      for (Operation operation : scenario.operations().subList(0, count)) {
        Answer answer = executor.execute(operation);
        look.at(on.machine(), operation, answer);
      }
      return last.apply(on.machine());
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<Step> steps() {
    return steps;
  }

  @Override
  public List<MachineName> machines() {
    return List.of(new MachineName("", name));
  }

  @Override
  public Scene scene(Place place) {
    requireStep(place);
    return scenes.get(place.step());
  }

  @Override
  public <T> T ask(Place place, Function<Machine, T> question) {
    requireStep(place);
    asking.lock();
    try {
      return carryOut(place.step(), before -> {}, (machine, operation, answer) -> {}, question);
    } finally {
      asking.unlock();
    }
  }

  private void requireStep(Place place) {
    if (place.step() > steps.size()) {
      throw new IllegalArgumentException(
          "%s has %d steps, and no step %d".formatted(name, steps.size(), place.step()));
    }
  }

  @Override
  public Pulse pulse() {
    return Pulse.STILL;
  }

  @Override
  public void close() {}
}
