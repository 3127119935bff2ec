// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import dev.memremap.rule.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Our answers to one scenario, compared line by line with a kernel's.
 *
 * <p>The comparison ends early where the two states begin to differ: at a departure, and where one
 * side carried out what the other could not. What lies beyond is not compared.
 *
 * <p>Thread safety: immutable.
 *
 * @param scenario the scenario
 * @param compared how many lines had their answers compared
 * @param unsupported how many lines one side could not do
 * @param departed where the comparison ended at a departure
 * @param parted whether the comparison ended where one side could not follow
 * @param differences in the order of the scenario, those from the list of departures last
 */
public record Comparison(
    Scenario scenario,
    int compared,
    int unsupported,
    Optional<Departed> departed,
    boolean parted,
    List<Difference> differences) {

  /**
   * The line where a departure ended the comparison.
   *
   * @param operation the operation
   * @param rule the departure, or C-12
   * @param answer ours
   * @param kernel the kernel's answer
   */
  public record Departed(Operation operation, Rule rule, Answer answer, String kernel) {}

  /** Keeps a copy. */
  public Comparison {
    differences = List.copyOf(differences);
  }

  /** Whether no difference was found. */
  public boolean holds() {
    return differences.isEmpty();
  }

  /**
   * Compares.
   *
   * @param scenario the scenario
   * @param ours one answer for each operation, in their order
   * @param kernel the kernel that answered
   * @param recorded its answers
   */
  public static Comparison of(
      Scenario scenario, List<Answer> ours, Kernel kernel, Answers recorded) {
    // The list records where answers of the kernel we follow depart. Other kernels' departures are
    // told by their numbers.
    Optional<DepartureList> list =
        kernel.isFollowed() ? DepartureList.nearest(scenario.path()) : Optional.empty();
    return of(scenario, ours, kernel, recorded, list);
  }

  /**
   * Compares with a kernel that answers now: departures are told by their numbers alone, since a
   * list of them was written down with another kernel's answers.
   *
   * @param scenario the scenario
   * @param ours one answer for each operation, in their order
   * @param kernel the kernel that answered
   * @param answers its answers
   */
  public static Comparison live(
      Scenario scenario, List<Answer> ours, Kernel kernel, Answers answers) {
    return of(scenario, ours, kernel, answers, Optional.empty());
  }

  static Comparison of(
      Scenario scenario,
      List<Answer> ours,
      Kernel kernel,
      Answers recorded,
      Optional<DepartureList> list) {
    LineComparison lines = new LineComparison(scenario, ours, kernel, recorded);
    List<Difference> differences = new ArrayList<>(lines.differences());
    list.ifPresent(listed -> differences.addAll(lines.againstList(listed.of(scenario.path()))));
    return new Comparison(
        scenario,
        lines.compared(),
        lines.unsupported(),
        lines.departed(),
        lines.parted(),
        differences);
  }
}
