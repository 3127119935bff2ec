// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance.generator;

import dev.memremap.scenario.Operation;
import dev.memremap.scenario.Scenario;
import dev.memremap.scenario.Verb;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Makes a scenario that fails shorter as long as it fails: first half of its operations at once,
 * then a quarter, then one by one, until none can be spared; then words that can be.
 *
 * <p>An operation goes together with those after it that work on what it names, since without it
 * they would say nothing.
 *
 * <p>Thread safety: stateless.
 */
public final class Shrinker {
  /** Keys that an operation can do without, but for a machine's: without them it is another one. */
  private static final List<String> SPARED =
      Arrays.stream(Verb.values())
          .filter(verb -> verb != Verb.MACHINE)
          .flatMap(verb -> verb.optionalKeys().stream())
          .distinct()
          .toList();

  private Shrinker() {}

  /**
   * Shrinks.
   *
   * @param scenario one that fails
   * @param fails whether a shorter one still does; asked as seldom as can be, since a kernel
   *     answers
   * @return the shortest that was found; the machine's line is always in it
   */
  public static Scenario shrink(Scenario scenario, Predicate<Scenario> fails) {
    Scenario fewest = fewestOperations(scenario, fails);
    Scenario shortest = fewest;
    for (String key : SPARED) {
      Scenario shorter = withoutWord(shortest, key);
      if (!textOf(shorter).equals(textOf(shortest)) && fails.test(shorter)) {
        shortest = shorter;
      }
    }
    // a device that nothing is managed by any more, for one
    return shortest.equals(fewest) ? fewest : fewestOperations(shortest, fails);
  }

  private static Scenario withoutWord(Scenario scenario, String key) {
    return Scenario.parse(scenario.path(), textOf(scenario).replaceAll(" " + key + "=\\S+", ""));
  }

  private static String textOf(Scenario scenario) {
    return scenario.operations().stream().map(scenario::textOf).collect(Collectors.joining("\n"));
  }

  private static Scenario fewestOperations(Scenario scenario, Predicate<Scenario> fails) {
    Scenario shortest = scenario;
    int chunk = Math.max(1, (scenario.operations().size() - 1) / 2);
    while (true) {
      Scenario shorter = withoutAChunk(shortest, chunk, fails);
      if (shorter.operations().size() < shortest.operations().size()) {
        shortest = shorter;
      } else if (chunk > 1) {
        chunk = (chunk + 1) / 2;
      } else {
        return shortest;
      }
    }
  }

  /** Takes out what can be spared, from the end, where most is. */
  private static Scenario withoutAChunk(Scenario scenario, int chunk, Predicate<Scenario> fails) {
    Scenario shortest = scenario;
    for (int end = scenario.operations().size(); end > 1; end -= chunk) {
      int last = Math.min(end, shortest.operations().size());
      int first = Math.max(1, end - chunk);
      if (first < last) {
        Scenario shorter = without(shortest, first, last);
        if (shorter.operations().size() > 1 && fails.test(shorter)) {
          shortest = shorter;
        }
      }
    }
    return shortest;
  }

  private static Scenario without(Scenario scenario, int first, int last) {
    List<Operation> kept = new ArrayList<>();
    Set<String> lost = new HashSet<>();
    for (int i = 0; i < scenario.operations().size(); i++) {
      Operation operation = scenario.operations().get(i);
      if (i >= first && i < last) {
        lost.addAll(definedBy(operation, kept));
      } else if (operation.names().stream().noneMatch(lost::contains)) {
        kept.add(operation);
      } else {
        lost.addAll(definedBy(operation, kept));
      }
    }
    return Scenario.parse(
        scenario.path(),
        kept.stream().map(scenario::textOf).collect(Collectors.joining("\n", "", "\n")));
  }

  /** The names that no operation kept before it has: they go with it, and what works on them. */
  private static List<String> definedBy(Operation operation, List<Operation> kept) {
    Set<String> named = namesOf(kept);
    return operation.names().stream().filter(name -> !named.contains(name)).toList();
  }

  private static Set<String> namesOf(List<Operation> operations) {
    return operations.stream().flatMap(one -> one.names().stream()).collect(Collectors.toSet());
  }
}
