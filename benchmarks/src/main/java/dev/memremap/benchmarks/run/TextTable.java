// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.run;

import dev.memremap.benchmarks.Comparison;
import java.util.ArrayList;
import java.util.List;

/** The table for a terminal. */
public final class TextTable {
  private static final int WHAT = 44;
  private static final int RATIO = 8;
  private static final int GOAL = 12;

  private TextTable() {}

  /** The whole table, its lines ending as this system's do. */
  public static String of(Report report) {
    TerminalTable table = new TerminalTable(WHAT + 2, 16, 16, RATIO + 2, GOAL + 1, 14);
    table.add(
        List.of(
            List.of("what / peer"),
            List.of("ours"),
            List.of("peer"),
            TerminalTable.right("ratio", RATIO),
            List.of("goal"),
            List.of("")));
    for (Outcome outcome : report.outcomes()) {
      table.under(outcome.row().point());
      table.add(
          List.of(
              what(outcome.row()),
              TerminalTable.cost(outcome.ours()),
              TerminalTable.cost(outcome.peer()),
              TerminalTable.right(outcome.ratioWords(), RATIO),
              Words.wrap(outcome.row().goal().words(), GOAL),
              List.of(report.verdict(outcome).words())));
    }
    List<String> below = new ArrayList<>();
    report.reasons().forEach((name, reason) -> below.add(name + ": " + Words.plain(reason)));
    below.add(report.summary());
    if (report.quick()) {
      below.add("--quick: too short to be believed; all it shows is that everything runs.");
    }
    return table.with(below);
  }

  /** A row's words, indented below its point's title. */
  private static List<String> what(Comparison row) {
    List<String> what = new ArrayList<>(Words.wrap(Words.plain(row.what()), WHAT - 2));
    if (row.peer() != null) {
      what.addAll(Words.wrap("/ " + Words.plain(row.beside()), WHAT - 2));
    }
    what.replaceAll(line -> "  " + line);
    // at least as many lines as a cost has
    return what.size() < 2 ? List.of(what.getFirst(), "") : what;
  }
}
