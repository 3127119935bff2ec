// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.run;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * All that a run found.
 *
 * <p>Thread safety: immutable.
 *
 * @param surroundings where and when
 * @param quick whether the figures only show that the benchmarks work
 * @param outcomes the rows, in the order of the table
 */
public record Report(Surroundings surroundings, boolean quick, List<Outcome> outcomes) {
  /** Copies what it is given. */
  public Report {
    outcomes = List.copyOf(outcomes);
  }

  /** What became of a row: what its figures say, if they can be believed. */
  Verdict verdict(Outcome outcome) {
    Verdict verdict = outcome.verdict();
    boolean judged = verdict == Verdict.MET || verdict == Verdict.MISSED;
    return quick && judged ? Verdict.NOT_JUDGED : verdict;
  }

  /** Sentences about benchmarks that failed. */
  public List<String> failures() {
    return outcomes.stream().filter(Outcome::broken).map(Outcome::absence).distinct().toList();
  }

  /** Rows with reasons below the table: goals that are missed, sides that are missing. */
  Map<String, String> reasons() {
    Map<String, String> reasons = new LinkedHashMap<>();
    for (Outcome outcome : outcomes) {
      String reason =
          verdict(outcome) == Verdict.MISSED ? outcome.row().reason() : outcome.absence();
      if (!reason.isEmpty()) {
        reasons.put(outcome.row().name(), reason);
      }
    }
    return reasons;
  }

  /** {@code 14 met, 2 missed, 3 without a goal}. */
  public String summary() {
    Map<Verdict, Long> counts =
        outcomes.stream().collect(Collectors.groupingBy(this::verdict, Collectors.counting()));
    StringBuilder summary = new StringBuilder();
    for (Verdict verdict : Verdict.values()) {
      long count = counts.getOrDefault(verdict, 0L);
      if (count > 0) {
        String words = verdict == Verdict.NO_GOAL ? "without a goal" : verdict.words();
        summary.append(summary.isEmpty() ? "" : ", ").append(count).append(' ').append(words);
      }
    }
    return summary.toString();
  }
}
