// SPDX-License-Identifier: Apache-2.0
package dev.memremap.vectors;

import dev.memremap.rule.Rule;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The rows that the contract answers otherwise than their kernel: {@code
 * vectors/vector-exceptions.tsv}. Such a row is run as well, and must give the answer listed there.
 *
 * <p>Thread safety: immutable.
 */
public final class VectorExceptions {
  /**
   * One of them.
   *
   * @param id the row
   * @param winner the rule of the contract that decides instead of the row's
   * @param answer ours
   * @param why one sentence
   */
  public record VectorException(String id, Rule winner, String answer, String why) {}

  private static final Map<String, VectorException> BY_ID =
      VectorRows.table("vector-exceptions.tsv", 4).stream()
          .map(c -> new VectorException(c[0], Rule.valueOf(c[1].replace('-', '_')), c[2], c[3]))
          .collect(Collectors.toMap(VectorException::id, Function.identity()));

  private VectorExceptions() {}

  /** Every exception. */
  public static List<VectorException> all() {
    return List.copyOf(BY_ID.values());
  }

  /** The exception for this row, if it is one. */
  public static Optional<VectorException> of(VectorRow row) {
    return Optional.ofNullable(BY_ID.get(row.id()));
  }

  /** The answer a row asks of us: its own, or the one that the contract puts in its place. */
  public static String answer(VectorRow row) {
    return of(row).map(VectorException::answer).orElse(row.expected());
  }
}
