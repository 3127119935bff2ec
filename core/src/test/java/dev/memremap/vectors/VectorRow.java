// SPDX-License-Identifier: Apache-2.0
package dev.memremap.vectors;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One row of {@code vectors/kernel-rules.tsv}: what a kernel answers.
 *
 * <p>Thread safety: immutable.
 *
 * @param id the row's own number, such as {@code RI-01}
 * @param version the kernels it was read from or seen on
 * @param function the kernel function asked
 * @param setup the machine or map before the call
 * @param input what is passed
 * @param expected the answer
 * @param effects what else changes, {@code -} for nothing
 * @param rule the rules it rests on, as the table writes them
 */
public record VectorRow(
    String id,
    String version,
    String function,
    String setup,
    String input,
    String expected,
    String effects,
    String rule) {

  /** {@code RI} of {@code RI-01}. */
  public String prefix() {
    return id.substring(0, id.indexOf('-'));
  }

  /** The value of {@code KEY=VALUE} in the input; empty if the key is not there. */
  public Optional<String> value(String key) {
    Matcher matcher = Pattern.compile("(?:^|\\s)" + Pattern.quote(key) + "=(\\S+)").matcher(input);
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  /** What a test report calls it. */
  @Override
  public String toString() {
    return id + " " + function + " (" + setup + ") " + input + " → " + expected;
  }
}
