// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance.generator;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How often each operation shall occur, and how often it did: what falls short is drawn more often,
 * so that none is rare, however seldom it can be drawn.
 *
 * <p>Thread safety: none; one generator counts.
 */
final class Plan {
  static final List<String> MAPPINGS = List.of("region", "memremap", "memunmap", "load", "store");
  static final List<String> REFS =
      List.of(
          "ref",
          "ref-get",
          "ref-put",
          "ref-tryget",
          "ref-tryget-live",
          "ref-kill",
          "ref-reinit",
          "ref-resurrect",
          "ref-to-atomic",
          "ref-to-percpu",
          "ref-state",
          "ref-exit");
  static final List<String> PAGEMAPS =
      List.of(
          "device",
          "pgmap",
          "remap-pages",
          "unmap-pages",
          "device-release",
          "lookup",
          "put",
          "page",
          "page-get",
          "page-put",
          "altmap");

  private static final double ORDINARY = 2.6;

  private final Map<String, Double> wanted = new LinkedHashMap<>();
  private final Map<String, Integer> drawn = new LinkedHashMap<>();
  private int all = 1;

  Plan() {
    for (List<String> family : List.of(MAPPINGS, REFS, PAGEMAPS)) {
      family.forEach(verb -> wanted.put(verb, ORDINARY));
    }
    wanted.put("memremap", 4.6);
    wanted.put("pgmap", 3.0);
    wanted.put("remap-pages", 5.5);
    wanted.put("unmap-pages", 3.2);
    wanted.put("lookup", 13.2);
    wanted.put("page", 13.2);
    wanted.put("ref", 2.2);
    wanted.put("ref-resurrect", 3.4);
    wanted.put("ref-kill", 3.2);
    wanted.put("ref-reinit", 3.2);
    wanted.put("ref-put", 3.2);
    wanted.put("page-put", 3.4);
    wanted.put("put", 3.2);
    wanted.put("memunmap", 3.1);
    wanted.put("load", 3.1);
    wanted.put("region", 2.8);
    wanted.put("store", 3.1);
    double sum = wanted.values().stream().mapToDouble(Double::doubleValue).sum();
    // the machine's own line takes its share, too
    wanted.replaceAll((verb, share) -> share / sum * 0.97);
  }

  /** How much a verb is wanted now. */
  double weight(String verb) {
    double share = wanted.getOrDefault(verb, 0.0);
    double missing = share - (double) drawn.getOrDefault(verb, 0) / all;
    return share * Math.clamp(1 + 40 * missing / share, 0.01, 30);
  }

  /**
   * How much a family falls short, by the verb that does most: 0 if none does, 1 if it never was.
   */
  double shortfall(List<String> family) {
    return family.stream()
        .mapToDouble(
            verb -> {
              double share = wanted.getOrDefault(verb, 1.0);
              return Math.max(0, 1 - drawn.getOrDefault(verb, 0) / (share * all));
            })
        .max()
        .orElse(0);
  }

  void count(String verb) {
    drawn.merge(verb, 1, Integer::sum);
    all++;
  }
}
