// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.cli.terminal.Letters;
import dev.memremap.cli.terminal.UsageException;
import dev.memremap.resource.Resource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** A column of {@code iomem -o}. */
enum IomemColumn {
  /** The first byte's address. */
  START,
  /** The last byte's address. */
  END,
  /** The size, for people or in bytes. */
  SIZE,
  /** How many resources it lies in. */
  DEPTH,
  /** Whether a driver or the kernel holds it. */
  BUSY,
  /** What it is, as {@code --kind} takes it. */
  KIND,
  /** Its name. */
  NAME,
  /** What its kind means. */
  MEANING;

  private static final String GAP = "  ";

  private String cell(Listed.At at, boolean bytes) {
    Resource resource = at.resource();
    return switch (this) {
      case START -> hex(resource.range().start());
      case END -> hex(resource.range().endInclusive());
      case SIZE -> IomemView.size(resource, bytes);
      case DEPTH -> Integer.toString(at.depth());
      case BUSY -> resource.isBusy() ? "yes" : "no";
      case KIND -> resource.kind().name();
      case NAME -> IomemView.name(resource);
      case MEANING -> resource.kind().meaning();
    };
  }

  private static String hex(long address) {
    return "0x" + Long.toHexString(address);
  }

  /**
   * Columns by their names.
   *
   * @param names separated by commas, in either case
   * @throws UsageException if a column is unknown
   */
  static List<IomemColumn> parse(String names) {
    List<IomemColumn> columns = new ArrayList<>();
    for (String name : names.split(",", -1)) {
      columns.add(
          Arrays.stream(values())
              .filter(column -> column.name().equals(name.strip().toUpperCase(Locale.ROOT)))
              .findFirst()
              .orElseThrow(
                  () ->
                      new UsageException(
                          "no column '%s'; the columns are %s"
                              .formatted(
                                  name,
                                  Arrays.stream(values())
                                      .map(IomemColumn::name)
                                      .collect(Collectors.joining(", "))))));
    }
    return columns;
  }

  /** A heading and a line for each resource, each column as wide as it must be. */
  static List<String> table(
      List<IomemColumn> columns, List<Listed.At> rows, boolean bytes, Letters letters) {
    List<List<String>> cells = new ArrayList<>();
    cells.add(columns.stream().map(IomemColumn::name).toList());
    for (Listed.At row : rows) {
      cells.add(columns.stream().map(column -> column.cell(row, bytes)).toList());
    }
    int[] widths = new int[columns.size()];
    for (List<String> line : cells) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], letters.columns(line.get(i)));
      }
    }
    return cells.stream().map(line -> padded(line, columns, widths, letters)).toList();
  }

  private static String padded(
      List<String> line, List<IomemColumn> columns, int[] widths, Letters letters) {
    StringBuilder padded = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String spaces = " ".repeat(widths[i] - letters.columns(line.get(i)));
      boolean isNumber = columns.get(i) == SIZE || columns.get(i) == DEPTH;
      padded.append(i == 0 ? "" : GAP);
      padded.append(isNumber ? spaces + line.get(i) : line.get(i) + spaces);
    }
    return padded.toString().stripTrailing();
  }
}
