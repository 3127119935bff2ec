// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code departures.tsv}: the lines where scenarios below its folder are known to depart or to
 * part. A departure anywhere else is a difference.
 *
 * <p>Thread safety: immutable.
 */
final class DepartureList {
  static final String FILE_NAME = "departures.tsv";

  /** The word in the column of the number where the two states part without a departure. */
  static final String PARTED = "parted";

  private static final int COLUMNS = 6;

  /**
   * One line of the list.
   *
   * @param scenario path below the list's folder, without extension, parts separated by {@code /}
   * @param line of the operation in its scenario
   * @param number {@code D-9}, or {@code parted}
   * @param ours our answer
   * @param kernel the kernel's answer
   * @param operation as it is written; for readers
   */
  record Entry(
      String scenario, int line, String number, String ours, String kernel, String operation) {}

  private final Path path;
  private final List<Entry> entries;

  private DepartureList(Path path, List<Entry> entries) {
    this.path = path;
    this.entries = entries;
  }

  /** The list in the nearest folder above a scenario that has one. */
  static Optional<DepartureList> nearest(Path scenario) {
    Path folder = scenario.toAbsolutePath().normalize().getParent();
    for (; folder != null; folder = folder.getParent()) {
      Path file = folder.resolve(FILE_NAME);
      if (Files.isRegularFile(file)) {
        return Optional.of(parse(file, ScenarioText.read(file)));
      }
    }
    return Optional.empty();
  }

  /** Reads a list; its first line names the columns. */
  static DepartureList parse(Path path, String text) {
    List<Entry> entries = new ArrayList<>();
    int line = 0;
    for (String row : text.split("\n", -1)) {
      line++;
      String content = row.endsWith("\r") ? row.substring(0, row.length() - 1) : row;
      if (line > 1 && !content.isEmpty()) {
        entries.add(entry(path, line, content));
      }
    }
    return new DepartureList(path, List.copyOf(entries));
  }

  private static Entry entry(Path path, int line, String row) {
    String[] columns = row.split("\t", -1);
    if (columns.length != COLUMNS || !columns[1].matches("[1-9][0-9]{0,8}")) {
      throw new ScenarioSyntaxException(
          path.toString(),
          line,
          1,
          "a departure has six columns separated by tabs:"
              + " scenario, line, number, our answer, the kernel's, operation");
    }
    return new Entry(
        columns[0], Integer.parseInt(columns[1]), columns[2], columns[3], columns[4], columns[5]);
  }

  /** What the list says about one scenario. */
  List<Entry> of(Path scenario) {
    Path folder = path.toAbsolutePath().normalize().getParent();
    Path file = scenario.toAbsolutePath().normalize();
    if (folder == null || !file.startsWith(folder)) {
      return List.of();
    }
    Path below = folder.relativize(file.resolveSibling(Kernel.nameOf(file)));
    StringBuilder name = new StringBuilder();
    for (Path part : below) {
      name.append(name.isEmpty() ? "" : "/").append(part);
    }
    return entries.stream().filter(entry -> entry.scenario().contentEquals(name)).toList();
  }
}
