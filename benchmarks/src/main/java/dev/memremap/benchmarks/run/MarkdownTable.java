// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.run;

import dev.memremap.benchmarks.Point;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The table for a document, so that no figure there is typed by hand: {@link MarkdownPlace#BENCH}.
 *
 * <p>Thread safety: no state.
 */
public final class MarkdownTable {
  private MarkdownTable() {}

  /** The places of the document, new. A document that is not there yet becomes one place. */
  public static void write(Report report, Path document) throws IOException {
    MarkdownPlace.BENCH.fill(document, names -> table(report, names));
  }

  private static String table(Report report, List<String> names) {
    List<String> lines = new ArrayList<>();
    lines.add("| what | ours | peer | ratio | goal | |");
    lines.add("|---|---|---|---|---|---|");
    Point point = null;
    for (Outcome outcome : report.outcomes()) {
      boolean all = names.isEmpty();
      if (!all && names.stream().noneMatch(outcome.row()::isNamed)) {
        continue;
      }
      if (all && outcome.row().point() != point) {
        point = outcome.row().point();
        lines.add("| **" + point.title() + "** | | | | | |");
      }
      lines.add(row(outcome, report.verdict(outcome)));
    }
    if (names.isEmpty()) {
      report.reasons().forEach((name, reason) -> lines.add("\n`" + name + "`: " + reason));
    }
    lines.add(
        "\n"
            + report.surroundings().words()
            + (report.quick() ? "; quick, no measurement" : "")
            + ".");
    return String.join("\n", lines) + "\n";
  }

  private static String row(Outcome outcome, Verdict verdict) {
    String what =
        outcome.row().peer() == null
            ? outcome.row().what()
            : outcome.row().what() + " / " + outcome.row().beside();
    return "| "
        + String.join(
            " | ",
            what.replace("|", "\\|"),
            cell(outcome.ours()),
            cell(outcome.peer()),
            outcome.ratioWords(),
            outcome.row().goal().words(),
            verdict.words())
        + " |";
  }

  /** {@code 2.59 ns (2.47–3.63)}. */
  static String cell(@Nullable Cost cost) {
    if (cost == null) {
      return "";
    }
    return cost.interval().isEmpty() ? cost.words() : cost.words() + " (" + cost.interval() + ")";
  }
}
