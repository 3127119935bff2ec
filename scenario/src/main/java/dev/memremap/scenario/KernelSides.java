// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import dev.memremap.MachineBuilder.KernelRow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * A scenario carried out with several kernels, side by side.
 *
 * <p>Thread safety: none; one thread makes and reads it.
 */
public final class KernelSides {
  /** Makes a machine for a scenario that has exactly some rows of {@code docs/kernels.md}. */
  public interface Machines {
    /**
     * Opens the machine; no operation has been carried out when it returns.
     *
     * @param kernel the release that the machine follows, whatever the scenario says
     * @param rows the rows that it has in place of the kernel's
     * @throws ScenarioSyntaxException if the machine is unknown
     */
    ScenarioExecutor open(Scenario scenario, String kernel, Set<KernelRow> rows);
  }

  /**
   * An operation that the kernels answer differently.
   *
   * @param operation the operation
   * @param answers one of each kernel
   * @param turning what turns each kernel's answer into the next one's; without a row where these
   *     two agree
   */
  record Parting(Operation operation, List<Answer> answers, List<TurningRows> turning) {
    /** Whether a kernel and the next one answer differently. */
    boolean isBetween(int kernel) {
      return !answers.get(kernel).text().equals(answers.get(kernel + 1).text());
    }
  }

  private final Scenario scenario;
  private final List<String> kernels;
  private final Function<Set<KernelRow>, List<Answer>> run;
  private final Map<Set<KernelRow>, List<Answer>> known = new HashMap<>();

  /**
   * Sides of which none has been run.
   *
   * @param kernels releases, at least two
   * @param run carries the whole scenario out on a machine with some rows
   */
  KernelSides(Scenario scenario, List<String> kernels, Function<Set<KernelRow>, List<Answer>> run) {
    this.scenario = scenario;
    this.kernels = kernels;
    this.run = run;
  }

  private List<Answer> answers(Set<KernelRow> rows) {
    List<Answer> answers = known.get(rows);
    if (answers == null) {
      answers = run.apply(rows);
      known.put(rows, answers);
    }
    return answers;
  }

  /** The operations that two kernels which were named one after the other answer differently. */
  List<Parting> partings() {
    List<Parting> partings = new ArrayList<>();
    for (int i = 0; i < scenario.operations().size(); i++) {
      int at = i;
      List<Answer> sides =
          kernels.stream().map(kernel -> answers(KernelRow.of(kernel)).get(at)).toList();
      if (sides.stream().map(Answer::text).distinct().count() > 1) {
        partings.add(new Parting(scenario.operations().get(at), sides, turning(at)));
      }
    }
    return partings;
  }

  private List<TurningRows> turning(int operation) {
    List<TurningRows> turning = new ArrayList<>();
    for (int i = 0; i + 1 < kernels.size(); i++) {
      turning.add(
          TurningRows.between(
              KernelRow.of(kernels.get(i)),
              KernelRow.of(kernels.get(i + 1)),
              rows -> answers(rows).get(operation).text()));
    }
    return turning;
  }
}
