// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import dev.memremap.rule.Rule;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The comparisons of many scenarios, added up.
 *
 * <p>Thread safety: none; one thread adds and reads.
 */
public final class Summary {
  private final Map<Rule, Integer> departed = new EnumMap<>(Rule.class);
  private int scenarios;
  private int compared;
  private int unsupported;
  private int parted;
  private int differences;

  /** An empty sum. */
  public Summary() {}

  /** Adds one scenario's comparison. */
  public void add(Comparison comparison) {
    scenarios++;
    compared += comparison.compared();
    unsupported += comparison.unsupported();
    comparison.departed().ifPresent(at -> departed.merge(at.rule(), 1, Integer::sum));
    parted += comparison.parted() ? 1 : 0;
    differences += comparison.differences().size();
  }

  /** Scenarios compared. */
  public int scenarios() {
    return scenarios;
  }

  /** Lines compared. */
  public int compared() {
    return compared;
  }

  /** Lines that one side could not do. */
  public int unsupported() {
    return unsupported;
  }

  /** Scenarios that ended at a departure, by its number. */
  public Map<Rule, Integer> departed() {
    return Collections.unmodifiableMap(departed);
  }

  /** Scenarios that ended where one side could not follow. */
  public int parted() {
    return parted;
  }

  /** Differences. */
  public int differences() {
    return differences;
  }

  /**
   * {@code 12 scenarios, 200 compared, 3 unsupported, 6 departed (D-2: 4, D-8: 2), 1 parted, 0
   * differences}: always these words, the parenthesis only where something departed.
   */
  @Override
  public String toString() {
    int sum = departed.values().stream().mapToInt(Integer::intValue).sum();
    String numbers =
        departed.entrySet().stream()
            .map(entry -> entry.getKey().id() + ": " + entry.getValue())
            .collect(Collectors.joining(", ", " (", ")"));
    return "%d scenarios, %d compared, %d unsupported, %d departed%s, %d parted, %d differences"
        .formatted(
            scenarios, compared, unsupported, sum, sum == 0 ? "" : numbers, parted, differences);
  }
}
