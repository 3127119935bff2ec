// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Scenarios carried out with several kernels, added up.
 *
 * <p>Thread safety: none; one thread adds and reads.
 */
final class SidesSummary {
  private final List<String> kernels;
  private final List<Map<TurningRows, Integer>> byRow = new ArrayList<>();
  private int scenarios;
  private int answers;

  SidesSummary(List<String> kernels) {
    this.kernels = kernels;
    for (int i = 0; i + 1 < kernels.size(); i++) {
      byRow.add(new TreeMap<>(TurningRows.BY_NUMBER));
    }
  }

  void add(Scenario scenario, List<KernelSides.Parting> partings) {
    scenarios++;
    answers += scenario.operations().size();
    for (KernelSides.Parting parting : partings) {
      for (int i = 0; i < byRow.size(); i++) {
        if (parting.isBetween(i)) {
          byRow.get(i).merge(parting.turning().get(i), 1, Integer::sum);
        }
      }
    }
  }

  /** Whether all kernels answered alike. */
  boolean allAgree() {
    return byRow.stream().allMatch(Map::isEmpty);
  }

  /** {@code 2 scenarios, 14 answers; 5.10 and 6.1: 3 part (row 9: 2, row 10: 1)}. */
  @Override
  public String toString() {
    StringBuilder text =
        new StringBuilder("%d scenarios, %d answers".formatted(scenarios, answers));
    for (int i = 0; i < byRow.size(); i++) {
      Map<TurningRows, Integer> rows = byRow.get(i);
      String numbers =
          rows.entrySet().stream()
              .map(entry -> entry.getKey().numbers() + ": " + entry.getValue())
              .collect(Collectors.joining(", ", " (", ")"));
      text.append(
          "; %s and %s: %d part%s"
              .formatted(
                  kernels.get(i),
                  kernels.get(i + 1),
                  rows.values().stream().mapToInt(Integer::intValue).sum(),
                  rows.isEmpty() ? "" : numbers));
    }
    return text.toString();
  }
}
