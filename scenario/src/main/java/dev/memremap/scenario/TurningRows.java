// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import dev.memremap.MachineBuilder.KernelRow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The rows of {@code docs/kernels.md} that turn one kernel's answer into another's.
 *
 * <p>Thread safety: immutable.
 *
 * @param rows by their numbers; empty if the answers agree, or no row explains why they do not
 * @param together whether it takes all of them; else each alone turns the answer
 */
public record TurningRows(List<KernelRow> rows, boolean together) {
  /** By their first row, then by the others. */
  static final Comparator<TurningRows> BY_NUMBER =
      Comparator.comparing(
              (TurningRows turning) -> turning.rows.stream().mapToInt(KernelRow::number).toArray(),
              Arrays::compare)
          .thenComparing(TurningRows::together);

  /** Copies the rows. */
  public TurningRows {
    rows = List.copyOf(rows);
  }

  /**
   * Finds them by asking again, with machines that have one row more or less: first each that
   * differs alone, then as few as are needed together.
   *
   * @param from the rows of one kernel
   * @param to the rows of the other
   * @param answer what a machine with some rows answers
   */
  public static <T> TurningRows between(
      Set<KernelRow> from, Set<KernelRow> to, Function<Set<KernelRow>, T> answer) {
    T wanted = answer.apply(to);
    if (answer.apply(from).equals(wanted)) {
      return new TurningRows(List.of(), false);
    }
    Set<KernelRow> differing = turned(from, to);
    List<KernelRow> sorted =
        differing.stream().sorted(Comparator.comparingInt(KernelRow::number)).toList();
    List<KernelRow> alone =
        sorted.stream()
            .filter(row -> answer.apply(turned(from, Set.of(row))).equals(wanted))
            .toList();
    if (!alone.isEmpty()) {
      return new TurningRows(alone, false);
    }
    List<KernelRow> needed = new ArrayList<>(sorted);
    for (KernelRow row : sorted) {
      Set<KernelRow> others = new HashSet<>(needed);
      others.remove(row);
      if (answer.apply(turned(from, others)).equals(wanted)) {
        needed.remove(row);
      }
    }
    return new TurningRows(needed, needed.size() > 1);
  }

  /** A set without those of others that it has, and with those that it lacks. */
  private static Set<KernelRow> turned(Set<KernelRow> rows, Set<KernelRow> others) {
    Set<KernelRow> result = new HashSet<>(rows);
    for (KernelRow row : others) {
      if (!result.remove(row)) {
        result.add(row);
      }
    }
    return result;
  }

  /** Their numbers: {@code row 9}, {@code row 9 or row 12}, {@code rows 1 and 3 together}. */
  public String numbers() {
    if (rows.isEmpty()) {
      return "no row";
    }
    List<String> numbers = rows.stream().map(row -> Integer.toString(row.number())).toList();
    if (!together) {
      return numbers.stream().map(number -> "row " + number).collect(Collectors.joining(" or "));
    }
    return "rows %s and %s together"
        .formatted(String.join(", ", numbers.subList(0, numbers.size() - 1)), numbers.getLast());
  }

  /** Their numbers, and what each says. */
  public String sentence() {
    return rows.isEmpty()
        ? "no row of docs/kernels.md explains it"
        : "%s of docs/kernels.md (%s)"
            .formatted(
                numbers(), rows.stream().map(KernelRow::what).collect(Collectors.joining("; ")));
  }
}
