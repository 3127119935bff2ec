// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * The mappings of a machine that are not closed yet.
 *
 * <p>Thread safety: {@code live} is a concurrent set.
 */
final class LiveMappings {
  private static final int NAMED = 10;

  private final Set<Mapping> live = ConcurrentHashMap.newKeySet();

  void add(Mapping mapping) {
    live.add(mapping);
  }

  void remove(Mapping mapping) {
    live.remove(mapping);
  }

  /** As they are now, in no order. */
  Set<Mapping> all() {
    return Set.copyOf(live);
  }

  /** Names in the log what nobody closed. */
  void warnOfLeaks() {
    Set<Mapping> leaked = all();
    if (leaked.isEmpty()) {
      return;
    }
    String names =
        leaked.stream()
            .limit(NAMED)
            .map(
                mapping -> mapping + mapping.madeAt().map(place -> ", made at " + place).orElse(""))
            .collect(Collectors.joining("; "));
    // asked for only here: a logger costs a short-lived command more than the rest of its start
    System.getLogger("dev.memremap")
        .log(
            System.Logger.Level.WARNING,
            "the machine was closed with {0} live mappings, which are closed now: {1}{2}",
            leaked.size(),
            names,
            leaked.size() > NAMED ? "; and others" : "");
  }
}
