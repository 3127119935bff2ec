// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.cli.json.JsonDocument;
import dev.memremap.cli.json.RangeJson;
import dev.memremap.cli.json.RemarksJson;
import dev.memremap.cli.terminal.Letters;
import dev.memremap.drawing.model.Area;
import dev.memremap.drawing.model.MachineMap;
import dev.memremap.drawing.model.Scene;
import dev.memremap.machine.MachineDescription;
import dev.memremap.reading.Remark;
import dev.memremap.resource.Resource;
import dev.memremap.resource.ResourceSnapshot;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

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
   * @param line the resource
   * @param inA whether the first has it
   * @param inB whether the second has it
   */
  record Row(Line line, boolean inA, boolean inB) {
    String text() {
      return line.text();
    }

    String in() {
      return inA && inB ? "both" : inA ? "first" : "second";
    }
  }

  /** A resource, and how deep it lies in others. */
  record Line(Resource resource, int depth) {
    static final Comparator<Line> ORDER =
        Comparator.<Line, Long>comparing(Line::start, Long::compareUnsigned)
            .thenComparingInt(Line::depth)
            .thenComparing(Line::end, (a, b) -> Long.compareUnsigned(b, a))
            .thenComparing(Line::name);

    private long start() {
      return resource.range().start();
    }

    private long end() {
      return resource.range().endInclusive();
    }

    private String name() {
      String name = resource.name();
      return name == null ? "<BAD>" : name;
    }

    String text() {
      return "%s%08x-%08x : %s"
          .formatted("  ".repeat(depth), start(), end(), IomemView.name(resource));
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
      rows.add(new Row(line, inA.contains(line), inB.contains(line)));
    }
    return new IomemDiff(rows);
  }

  private static NavigableSet<Line> lines(Resource root) {
    NavigableSet<Line> lines = new TreeSet<>(Line.ORDER);
    new ResourceSnapshot(root).walk((resource, depth) -> lines.add(new Line(resource, depth)));
    return lines;
  }

  boolean isEmpty() {
    return rows.stream().allMatch(row -> row.inA && row.inB);
  }

  /**
   * Each row in its machine's column, {@code |} between them, {@code <} and {@code >} where one
   * lacks it.
   */
  List<String> lines(String nameA, String nameB, Letters letters) {
    List<String> lines = new ArrayList<>();
    lines.add(letters.padded(nameA, WIDTH) + "   " + nameB);
    for (Row row : rows) {
      String mark = row.inA && row.inB ? " " : row.inA ? "<" : ">";
      lines.add(
          "%s %s %s"
              .formatted(
                  letters.padded(row.inA ? row.text() : "", WIDTH), mark, row.inB ? row.text() : "")
              .stripTrailing());
    }
    lines.add(
        "%d resources in both, %d only in %s, %d only in %s"
            .formatted(rows.size() - onlyA() - onlyB(), onlyA(), nameA, onlyB(), nameB));
    return lines;
  }

  private long onlyA() {
    return rows.stream().filter(row -> !row.inB).count();
  }

  private long onlyB() {
    return rows.stream().filter(row -> !row.inA).count();
  }

  /** Both machines side by side on one scale; what only one has is marked. */
  Scene scene(MachineDescription a, String nameA, MachineDescription b, String nameB) {
    Set<Resource> marked = Collections.newSetFromMap(new IdentityHashMap<>());
    rows.stream()
        .filter(row -> !(row.inA && row.inB))
        .forEach(row -> marked.add(row.line.resource));
    List<MachineMap> machines = new ArrayList<>();
    machines.add(map(nameA, a, marked));
    machines.add(map(nameB, b, marked));
    String count =
        "%d resources in both, %d only in %s, %d only in %s"
            .formatted(rows.size() - onlyA() - onlyB(), onlyA(), nameA, onlyB(), nameB);
    return new Scene("Two machines", List.of(count), machines, List.of());
  }

  private static MachineMap map(String name, MachineDescription machine, Set<Resource> marked) {
    List<Area> areas = Area.of(machine.root(), each -> true, marked::contains);
    return new MachineMap(name, areas, MachineMap.AddressEnd.of(machine));
  }

  String toJson(String nameA, String nameB, List<Remark> remarks) {
    ObjectNode node = JsonDocument.of("iomem");
    ObjectNode compared = node.putObject("compared");
    compared.put("first", nameA);
    compared.put("second", nameB);
    node.put("inBoth", rows.size() - onlyA() - onlyB());
    node.put("onlyInFirst", onlyA());
    node.put("onlyInSecond", onlyB());
    ArrayNode all = node.putArray("resources");
    for (Row row : rows) {
      ObjectNode one = all.addObject();
      RangeJson.fill(one, row.line.resource.range());
      one.put("name", row.line.resource.name());
      one.put("depth", row.line.depth);
      one.put("in", row.in());
    }
    RemarksJson.remarks(node, remarks);
    return JsonDocument.text(node);
  }
}
