// SPDX-License-Identifier: Apache-2.0
package dev.memremap.vectors;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The rows of {@code vectors/kernel-rules.tsv}, for a {@code @MethodSource} or a
 * {@code @TestFactory}.
 *
 * <p>Thread safety: immutable.
 */
public final class VectorRows {
  private static final List<VectorRow> ALL =
      table("kernel-rules.tsv", 8).stream()
          .map(c -> new VectorRow(c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7]))
          .toList();

  private VectorRows() {}

  /** Every row, in the table's order. */
  public static List<VectorRow> all() {
    return ALL;
  }

  /** The rows whose id begins with this prefix and a dash. */
  public static Stream<VectorRow> withPrefix(String prefix) {
    return rows(row -> row.prefix().equals(prefix));
  }

  /** The rows of one kernel function. */
  public static Stream<VectorRow> ofFunction(String function) {
    return rows(row -> row.function().equals(function));
  }

  private static Stream<VectorRow> rows(Predicate<VectorRow> wanted) {
    return ALL.stream().filter(wanted);
  }

  /** The lines of a table beside the rows, without its heading. */
  static List<String[]> table(String name, int columns) {
    try (InputStream in = VectorRows.class.getResourceAsStream("/vectors/" + name)) {
      String text =
          new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
      return text.lines().skip(1).map(line -> split(name, line, columns)).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String[] split(String name, String line, int columns) {
    String[] cells = line.split("\t", -1);
    if (cells.length != columns) {
      throw new IllegalStateException(
          "%s: %d cells instead of %d in: %s".formatted(name, cells.length, columns, line));
    }
    return cells;
  }
}
