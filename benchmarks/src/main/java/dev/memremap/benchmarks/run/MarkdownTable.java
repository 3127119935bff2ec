// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.run;

import dev.memremap.benchmarks.Point;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The table for a document, so that no figure there is typed by hand. A document says where:
 * between a line {@code <!-- memremap bench -->} and a line {@code <!-- end of memremap bench -->}.
 * Names of rows or points after {@code bench} choose among the rows.
 *
 * <p>Thread safety: no state.
 */
public final class MarkdownTable {
  private static final Pattern PLACE =
      Pattern.compile(
          "(?m)^(<!-- memremap bench(?<names>( [a-z0-9-]+)*) -->\n)(?s:.*?)^(<!-- end of memremap bench -->)$");

  private MarkdownTable() {}

  /** The places of the document, new. A document that is not there yet becomes one place. */
  public static void write(Report report, Path document) throws IOException {
    Files.writeString(document, filled(report, read(document)));
  }

  /**
   * The document, if it has a place.
   *
   * @throws IllegalArgumentException if it has none
   */
  public static String read(Path document) throws IOException {
    if (!Files.exists(document)) {
      return "<!-- memremap bench -->\n<!-- end of memremap bench -->\n";
    }
    String text = Files.readString(document);
    if (!PLACE.matcher(text).find()) {
      throw new IllegalArgumentException(
          document
              + " has no place for the table: write a line '<!-- memremap bench -->' and, below it,"
              + " a line '<!-- end of memremap bench -->'");
    }
    return text;
  }

  static String filled(Report report, String document) {
    return PLACE
        .matcher(document)
        .replaceAll(
            place ->
                Matcher.quoteReplacement(
                    place.group(1)
                        + "\n"
                        + table(report, List.of(place.group("names").strip().split(" ", -1)))
                        + "\n"
                        + place.group(place.groupCount())));
  }

  private static String table(Report report, List<String> names) {
    List<String> lines = new ArrayList<>();
    lines.add("| what | ours | peer | ratio | goal | |");
    lines.add("|---|---|---|---|---|---|");
    Point point = null;
    for (Outcome outcome : report.outcomes()) {
      boolean all = names.getFirst().isEmpty();
      if (!all
          && !names.contains(outcome.row().name())
          && !names.contains(outcome.row().point().word())) {
        continue;
      }
      if (all && outcome.row().point() != point) {
        point = outcome.row().point();
        lines.add("| **" + point.title() + "** | | | | | |");
      }
      lines.add(row(outcome, report.verdict(outcome)));
    }
    if (names.getFirst().isEmpty()) {
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

  private static String cell(@Nullable Cost cost) {
    if (cost == null) {
      return "";
    }
    return cost.interval().isEmpty() ? cost.words() : cost.words() + " (" + cost.interval() + ")";
  }
}
