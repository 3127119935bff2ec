// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance.generator;

import dev.memremap.scenario.Verb;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * How often each operation that a kernel can be asked shall occur, by the table of verbs, and how
 * often it did: what falls short is drawn more often, so that none is rare, however seldom it can
 * be drawn.
 *
 * <p>Thread safety: none; one generator counts.
 */
final class Plan {
  private final Map<Verb, Double> wanted = new EnumMap<>(Verb.class);
  private final Map<Verb, Integer> drawn = new EnumMap<>(Verb.class);
  private int all = 1;

  Plan(Dialect dialect) {
    for (Verb verb : Verb.values()) {
      if (verb.weight() > 0 && dialect.has(verb)) {
        wanted.put(verb, verb.weight());
      }
    }
    double sum = wanted.values().stream().mapToDouble(Double::doubleValue).sum();
    // the machine's own line takes its share, too
    wanted.replaceAll((verb, share) -> share / sum * 0.97);
  }

  /** The verbs on a subject that are wanted at all, in the table's order. */
  List<Verb> on(Verb.Subject subject) {
    return Verb.on(subject).stream().filter(wanted::containsKey).toList();
  }

  /** How much a verb is wanted now. */
  double weight(Verb verb) {
    double share = wanted.getOrDefault(verb, 0.0);
    double missing = share - (double) drawn.getOrDefault(verb, 0) / all;
    return share * Math.clamp(1 + 40 * missing / share, 0.01, 30);
  }

  /**
   * How much the verbs on a subject fall short, by the one that does most: 0 if none does, 1 if it
   * never was.
   */
  double shortfall(Verb.Subject subject) {
    return on(subject).stream()
        .mapToDouble(
            verb -> {
              double share = wanted.getOrDefault(verb, 1.0);
              return Math.max(0, 1 - drawn.getOrDefault(verb, 0) / (share * all));
            })
        .max()
        .orElse(0);
  }

  void count(Verb verb) {
    drawn.merge(verb, 1, Integer::sum);
    all++;
  }
}
