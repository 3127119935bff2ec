// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.resource.Resource;
import dev.memremap.resource.ResourceSnapshot;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * Two resource trees side by side. A resource is the same in both if bounds, name and depth are.
 *
 * @param rows the resources of both, in ascending order
 */
record IomemDiff(List<Row> rows) {
  private static final int WIDTH = 52;

  /**
   * A line of both trees, or of one.
   *
   * @param text the line
   * @param inA whether the first has it
   * @param inB whether the second has it
   */
  record Row(String text, boolean inA, boolean inB) {}

  private record Line(long start, long end, int depth, String name) {
    static final Comparator<Line> ORDER =
        Comparator.<Line, Long>comparing(Line::start, Long::compareUnsigned)
            .thenComparingInt(Line::depth)
            .thenComparing(Line::end, (a, b) -> Long.compareUnsigned(b, a))
            .thenComparing(Line::name);

    String text() {
      return "%s%08x-%08x : %s".formatted("  ".repeat(depth), start, end, name);
    }
  }

  static IomemDiff between(Resource a, Resource b) {
    NavigableSet<Line> inA = lines(a);
    NavigableSet<Line> inB = lines(b);
    NavigableSet<Line> all = new TreeSet<>(Line.ORDER);
    all.addAll(inA);
    all.addAll(inB);
    List<Row> rows = new ArrayList<>();
    for (Line line : all) {
      rows.add(new Row(line.text(), inA.contains(line), inB.contains(line)));
    }
    return new IomemDiff(rows);
  }

  private static NavigableSet<Line> lines(Resource root) {
    NavigableSet<Line> lines = new TreeSet<>(Line.ORDER);
    new ResourceSnapshot(root)
        .walk(
            (resource, depth) ->
                lines.add(
                    new Line(
                        resource.range().start(),
                        resource.range().endInclusive(),
                        depth,
                        IomemView.name(resource))));
    return lines;
  }

  boolean isEmpty() {
    return rows.stream().allMatch(row -> row.inA && row.inB);
  }

  /**
   * Each row in its machine's column, {@code |} between them, {@code <} and {@code >} where one
   * lacks it.
   */
  List<String> lines(String nameA, String nameB) {
    List<String> lines = new ArrayList<>();
    lines.add(("%-" + WIDTH + "s   %s").formatted(nameA, nameB));
    for (Row row : rows) {
      String mark = row.inA && row.inB ? " " : row.inA ? "<" : ">";
      lines.add(
          ("%-" + WIDTH + "s %s %s")
              .formatted(row.inA ? row.text : "", mark, row.inB ? row.text : "")
              .stripTrailing());
    }
    long onlyA = rows.stream().filter(row -> !row.inB).count();
    long onlyB = rows.stream().filter(row -> !row.inA).count();
    lines.add(
        "%d resources in both, %d only in %s, %d only in %s"
            .formatted(rows.size() - onlyA - onlyB, onlyA, nameA, onlyB, nameB));
    return lines;
  }
}
