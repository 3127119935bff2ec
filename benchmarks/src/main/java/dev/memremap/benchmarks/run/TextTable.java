// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.run;

import dev.memremap.benchmarks.Point;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The table for a terminal. */
public final class TextTable {
  private static final int WHAT = 44;
  private static final String FORMAT = "%-" + WHAT + "s  %-15s %-15s %8s  %-12s %s";

  private TextTable() {}

  /** The whole table, its lines ending as this system's do. */
  public static String of(Report report) {
    List<String> lines = new ArrayList<>();
    lines.add(line("what / peer", "ours", "peer", "ratio", "goal", ""));
    Point point = null;
    for (Outcome outcome : report.outcomes()) {
      if (outcome.row().point() != point) {
        point = outcome.row().point();
        lines.add("");
        lines.add(point.title());
      }
      row(outcome, report.verdict(outcome), lines);
    }
    lines.add("");
    report.reasons().forEach((name, reason) -> lines.add(name + ": " + Words.plain(reason)));
    lines.add(report.summary());
    if (report.quick()) {
      lines.add("--quick: too short to be believed; all it shows is that everything runs.");
    }
    return String.join(System.lineSeparator(), lines);
  }

  private static void row(Outcome outcome, Verdict verdict, List<String> lines) {
    List<String> what = new ArrayList<>(Words.wrap(Words.plain(outcome.row().what()), WHAT - 2));
    if (outcome.row().peer() != null) {
      what.addAll(Words.wrap("/ " + Words.plain(outcome.row().beside()), WHAT - 2));
    }
    if (what.size() < 2) {
      what.add("");
    }
    List<String> goal = Words.wrap(outcome.row().goal().words(), 12);
    for (int i = 0; i < Math.max(what.size(), goal.size()); i++) {
      lines.add(
          line(
              i < what.size() ? "  " + what.get(i) : "",
              cell(outcome.ours(), i),
              cell(outcome.peer(), i),
              i == 0 ? outcome.ratioWords() : "",
              i < goal.size() ? goal.get(i) : "",
              i == 0 ? verdict.words() : ""));
    }
  }

  private static String cell(@Nullable Cost cost, int line) {
    return cost == null
        ? ""
        : switch (line) {
          case 0 -> cost.words();
          case 1 -> cost.interval();
          default -> "";
        };
  }

  private static String line(
      String what, String ours, String peer, String ratio, String goal, String verdict) {
    return FORMAT.formatted(what, ours, peer, ratio, goal, verdict).stripTrailing();
  }
}
