// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.run;

import dev.memremap.benchmarks.Comparison;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The table of two versions, for a terminal and for a document. */
public final class AgainstTable {
  private static final int WHAT = 44;
  private static final int CHANGE = 9;

  private AgainstTable() {}

  /** For a terminal; its lines end as this system's do. */
  public static String text(AgainstReport report) {
    TerminalTable table = new TerminalTable(WHAT + 2, 16, 16, 12, CHANGE + 2, 20);
    table.add(
        List.of(
            List.of("row"),
            List.of("here"),
            List.of("there"),
            List.of("here/there"),
            TerminalTable.right("change", CHANGE),
            List.of("overlap")));
    for (Change change : report.changes()) {
      table.under(change.row().point());
      table.add(
          List.of(
              what(change.row()),
              TerminalTable.cost(change.here()),
              TerminalTable.cost(change.there()),
              List.of(change.ratioWords(), change.pairsWords()),
              TerminalTable.right(change.percentWords(), CHANGE),
              List.of(report.verdict(change))));
    }
    List<String> below = new ArrayList<>();
    report.notes().forEach((name, note) -> below.add(name + ": " + note));
    below.add("here: " + report.surroundings().words() + "; there: " + report.there());
    below.add(report.summary());
    return table.with(below);
  }

  /** A row's name, indented below its point's title, and its words, indented below that. */
  private static List<String> what(Comparison row) {
    List<String> what = new ArrayList<>(Words.wrap(Words.plain(row.what()), WHAT - 4));
    what.replaceAll(line -> "    " + line);
    what.addFirst("  " + row.name());
    return what;
  }

  /** Into the places of a document, which may be new. */
  public static void write(AgainstReport report, Path document) throws IOException {
    MarkdownPlace.AGAINST.fill(document, names -> markdown(report, names));
  }

  private static String markdown(AgainstReport report, List<String> names) {
    List<String> lines = new ArrayList<>();
    lines.add("| row | here | %s | here / there | change | overlap |".formatted(report.there()));
    lines.add("|---|---|---|---|---|---|");
    for (Change change : report.changes()) {
      if (names.isEmpty() || names.stream().anyMatch(change.row()::isNamed)) {
        lines.add(row(change, report.verdict(change)));
      }
    }
    report
        .notes()
        .forEach(
            (name, note) -> {
              if (names.isEmpty() || names.contains(name)) {
                lines.add("\n`" + name + "`: " + note);
              }
            });
    if (names.isEmpty()) {
      lines.add("\n" + report.summary() + ".");
    }
    lines.add("\n" + report.surroundings().words() + (report.quick() ? "; quick" : "") + ".");
    return String.join("\n", lines) + "\n";
  }

  private static String row(Change change, String verdict) {
    String pairs = change.pairsWords();
    return "| "
        + String.join(
            " | ",
            "`" + change.row().name() + "`: " + change.row().what().replace("|", "\\|"),
            MarkdownTable.cell(change.here()),
            MarkdownTable.cell(change.there()),
            change.ratioWords() + (pairs.isEmpty() ? "" : " (" + pairs + ")"),
            change.percentWords(),
            verdict)
        + " |";
  }
}
