// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.run;

import dev.memremap.benchmarks.Point;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Column;
import picocli.CommandLine.Help.Column.Overflow;

/**
 * A table for a terminal whose cells have lines, below a title for each point.
 *
 * <p>Thread safety: used by one thread.
 */
final class TerminalTable {
  private static final Help.ColorScheme PLAIN = Help.defaultColorScheme(Help.Ansi.OFF);

  private final Help.TextTable table;
  private @Nullable Point point;

  /** With columns of these widths, the gaps between them included. */
  TerminalTable(int... widths) {
    table =
        Help.TextTable.forColumns(
            PLAIN,
            Arrays.stream(widths)
                .mapToObj(width -> new Column(width, 0, Overflow.SPAN))
                .toArray(Column[]::new));
  }

  /** The title of the rows that follow, where they have another than those before. */
  void under(Point next) {
    if (next != point) {
      point = next;
      table.addEmptyRow();
      table.addEmptyRow();
      table.putValue(table.rowCount() - 1, 0, PLAIN.text(next.title()));
    }
  }

  /** A row; a cell's lines stand below each other. */
  void add(List<List<String>> cells) {
    table.addRowValues(
        cells.stream().map(lines -> String.join("\n", lines)).toArray(String[]::new));
  }

  /** The table, and these lines below it; lines end as this system's do. */
  String with(List<String> below) {
    List<String> all = new ArrayList<>(List.of(table.toString()));
    all.addAll(below);
    return String.join(System.lineSeparator(), all);
  }

  /** A cell of one line that ends where its column ends, before the gap. */
  static List<String> right(String text, int width) {
    return List.of(("%" + width + "s").formatted(text));
  }

  /** A cost: its median, and below that its interval. */
  static List<String> cost(@Nullable Cost cost) {
    return cost == null ? List.of("") : List.of(cost.words(), cost.interval());
  }
}
