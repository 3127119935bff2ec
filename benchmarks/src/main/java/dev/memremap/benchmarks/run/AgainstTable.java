// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.run;

import dev.memremap.benchmarks.Point;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The table of two versions, for a terminal and for a document. */
public final class AgainstTable {
  private static final int WHAT = 44;
  private static final String FORMAT = "%-" + WHAT + "s  %-15s %-15s %-11s %9s  %s";

  private AgainstTable() {}

  /** For a terminal; its lines end as this system's do. */
  public static String text(AgainstReport report) {
    List<String> lines = new ArrayList<>();
    lines.add(line("row", "here", "there", "here/there", "change", "overlap"));
    Point point = null;
    for (Change change : report.changes()) {
      if (change.row().point() != point) {
        point = change.row().point();
        lines.add("");
        lines.add(point.title());
      }
      row(change, report.verdict(change), lines);
    }
    lines.add("");
    report.notes().forEach((name, note) -> lines.add(name + ": " + note));
    lines.add("here: " + report.surroundings().words() + "; there: " + report.there());
    lines.add(report.summary());
    return String.join(System.lineSeparator(), lines);
  }

  private static void row(Change change, String verdict, List<String> lines) {
    List<String> what = new ArrayList<>();
    what.add(change.row().name());
    what.addAll(Words.wrap(Words.plain(change.row().what()), WHAT - 4));
    lines.add(
        line(
            "  " + what.getFirst(),
            words(change.here()),
            words(change.there()),
            change.ratioWords(),
            change.percentWords(),
            verdict));
    lines.add(
        line(
            "    " + what.get(1),
            interval(change.here()),
            interval(change.there()),
            change.pairsWords(),
            "",
            ""));
    what.stream().skip(2).forEach(more -> lines.add("    " + more));
  }

  private static String words(@Nullable Cost cost) {
    return cost == null ? "" : cost.words();
  }

  private static String interval(@Nullable Cost cost) {
    return cost == null ? "" : cost.interval();
  }

  private static String line(
      String what, String here, String there, String ratio, String change, String overlap) {
    return FORMAT.formatted(what, here, there, ratio, change, overlap).stripTrailing();
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
      if (names.isEmpty()
          || names.contains(change.row().name())
          || names.contains(change.row().point().word())) {
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
