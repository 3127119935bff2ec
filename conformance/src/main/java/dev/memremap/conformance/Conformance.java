// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import dev.memremap.conformance.generator.Shrinker;
import dev.memremap.scenario.Answer;
import dev.memremap.scenario.Answers;
import dev.memremap.scenario.Comparison;
import dev.memremap.scenario.Operation;
import dev.memremap.scenario.Scenario;
import dev.memremap.scenario.ScenarioExecutor;
import java.util.ArrayList;
import java.util.List;

/**
 * Holds this library against a judge: the same scenario, carried out by both, compared line by
 * line.
 *
 * <p>Thread safety: none; one thread compares.
 */
public final class Conformance {
  private final Judge judge;
  private final ScenarioExecutor.Factory ours;

  /**
   * One scenario, carried out by both.
   *
   * @param ours our answers, one for each operation
   * @param kernels the judge's
   * @param comparison what holding them against each other gave
   */
  public record Outcome(List<Answer> ours, Answers kernels, Comparison comparison) {
    /** Keeps a copy. */
    public Outcome {
      ours = List.copyOf(ours);
    }

    /** The scenario. */
    public Scenario scenario() {
      return comparison.scenario();
    }
  }

  /** Compares this library, or what stands in for it, with a judge. */
  public Conformance(Judge judge, ScenarioExecutor.Factory ours) {
    this.judge = judge;
    this.ours = ours;
  }

  /**
   * Carries a scenario out twice and compares.
   *
   * @throws GuestException if the kernel did not survive it
   * @throws InterruptedException if this thread was interrupted
   */
  public Outcome compare(Scenario scenario) throws InterruptedException {
    Answers kernels = judge.answer(scenario);
    List<Answer> answers = new ArrayList<>();
    try (ScenarioExecutor executor = ours.open(scenario)) {
      for (Operation operation : scenario.operations()) {
        answers.add(executor.execute(operation));
      }
    }
    return new Outcome(
        answers, kernels, Comparison.live(scenario, answers, judge.kernel(), kernels));
  }

  /**
   * The shortest scenario found that still differs. Where QEMU is killed again and again, that is
   * the shortest until then.
   *
   * @param outcome one that differs
   * @throws InterruptedException if this thread was interrupted
   */
  public Outcome shrink(Outcome outcome) throws InterruptedException {
    Search search = new Search(outcome);
    Shrinker.shrink(outcome.scenario(), search::differs);
    if (search.interrupted) {
      throw new InterruptedException();
    }
    return search.shortest;
  }

  /** Remembers the outcome of the last scenario that differed, which is the shortest. */
  private final class Search {
    private Outcome shortest;
    private boolean interrupted;
    private boolean killed;

    Search(Outcome outcome) {
      this.shortest = outcome;
    }

    boolean differs(Scenario shorter) {
      try {
        if (interrupted || killed) {
          return false;
        }
        Outcome outcome = compare(shorter);
        if (outcome.comparison.holds()) {
          return false;
        }
        shortest = outcome;
        return true;
      } catch (InterruptedException e) {
        interrupted = true;
        return false;
      } catch (GuestKilledException e) {
        killed = true;
        return false;
      }
    }
  }
}
