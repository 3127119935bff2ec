// SPDX-License-Identifier: Apache-2.0
package dev.memremap.vectors;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One row of {@code vectors/kernel-changes.tsv}: what one kernel answers where others differ.
 *
 * <p>Thread safety: immutable.
 *
 * @param id the vector's own number: K, that of its row in {@code docs/kernels.md}, and a count
 * @param kernel the release
 * @param row the row of {@code docs/kernels.md}
 * @param function what is asked
 * @param setup facts of the machine, {@code KEY=VALUE}, or what was done before; {@code -} for none
 * @param input what is passed
 * @param expected the answer
 */
public record KernelVector(
    String id,
    String kernel,
    int row,
    String function,
    String setup,
    String input,
    String expected) {
  private static final List<KernelVector> ALL =
      VectorRows.table("kernel-changes.tsv", 7).stream()
          .map(c -> new KernelVector(c[0], c[1], Integer.parseInt(c[2]), c[3], c[4], c[5], c[6]))
          .toList();

  /** Every vector, in the table's order. */
  public static List<KernelVector> all() {
    return ALL;
  }

  /** The facts of the machine. */
  public List<String> facts() {
    return setup.equals("-") ? List.of() : Stream.of(setup.split(" ", -1)).toList();
  }

  /** The value of {@code KEY=VALUE} in the input. */
  public String word(String key) {
    Matcher matcher = Pattern.compile("(?:^| )" + Pattern.quote(key) + "=(\\S+)").matcher(input);
    if (!matcher.find()) {
      throw new IllegalStateException(this + " has no " + key);
    }
    return matcher.group(1);
  }

  /** A number of the input. */
  public long number(String key) {
    return Long.decode(word(key));
  }

  /** A number of the input, or another one if it has none. */
  public long number(String key, long otherwise) {
    return input.contains(key + "=") ? number(key) : otherwise;
  }

  /** What a test report calls it. */
  @Override
  public String toString() {
    return "%s Linux %s, %s (%s) %s → %s".formatted(id, kernel, function, setup, input, expected);
  }
}
