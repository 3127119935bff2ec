// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.run;

import dev.memremap.benchmarks.run.Change.Standing;
import dev.memremap.cli.json.JsonDocument;
import java.nio.file.Path;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Everything that was measured of two versions, for programs: each fork with its iterations. */
public final class AgainstJson {
  private AgainstJson() {}

  /** Writes it as {@link JsonFile} does. */
  public static void write(AgainstReport report, Path file) {
    JsonFile.write(tree(report), file);
  }

  static ObjectNode tree(AgainstReport report) {
    ObjectNode root = JsonDocument.of("bench");
    JsonFile.surroundings(root, report.surroundings(), report.quick());
    root.put("against", report.there());
    root.put("summary", report.summary());
    ArrayNode rows = root.putArray("rows");
    report.changes().forEach(change -> row(change, report.quick(), rows.addObject()));
    return root;
  }

  private static void row(Change change, boolean quick, ObjectNode row) {
    row.put("point", change.row().point().word());
    row.put("name", change.row().name());
    row.put("what", change.row().what());
    JsonFile.subject(row, change.row().ours());
    row.put("standing", change.standing().name().toLowerCase(Locale.ROOT).replace('_', ' '));
    if (!change.note().isEmpty()) {
      row.put("note", change.note());
    }
    Cost here = change.here();
    Cost there = change.there();
    if (change.standing() != Standing.COMPARED || here == null || there == null) {
      return;
    }
    JsonFile.figures(row.putObject("here"), here);
    JsonFile.figures(row.putObject("there"), there);
    change.ratio().ifPresent(ratio -> row.put("hereByThere", ratio));
    change
        .pairs()
        .ifPresent(
            pairs -> {
              row.put("hereByThereLow", pairs.getMin());
              row.put("hereByThereHigh", pairs.getMax());
            });
    row.put("intervalsOverlap", change.overlaps());
    if (!quick) {
      row.put("slower", change.isSlower());
    }
  }
}
