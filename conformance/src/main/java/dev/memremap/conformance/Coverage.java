// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import dev.memremap.conformance.generator.Dialect;
import dev.memremap.conformance.generator.Dialect.Feature;
import dev.memremap.page.MemoryType;
import dev.memremap.scenario.Answer;
import dev.memremap.scenario.Arguments;
import dev.memremap.scenario.Operation;
import dev.memremap.scenario.Scenario;
import dev.memremap.scenario.Verb;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * How hard an examiner a run was: which operations it asked, how many of them were really compared,
 * and which answers occurred, be they ours or the kernel's.
 *
 * <p>Thread safety: none; one thread counts.
 */
public final class Coverage {
  private static final double LEAST_COMPARED = 0.90;
  private static final double LEAST_SHARE = 0.02;
  private static final int SLACK = 3;
  private static final double LEAST_PAGES = 0.30;
  private static final double MOST_DEPARTING = 0.03;
  private static final Set<Verb> PAGES =
      EnumSet.of(Verb.REMAP_PAGES, Verb.UNMAP_PAGES, Verb.LOOKUP, Verb.PAGE);

  /** What must occur in some answer. No mapping that the language can ask for is UC. */
  private static final List<String> ANSWERS =
      List.of(
          "error EINVAL",
          "error ENOMEM",
          "error ENXIO",
          "error EBUSY",
          "error EEXIST",
          "MIXED",
          "mode=WB ",
          "mode=WT ",
          "mode=WC ",
          "mode=UC- ",
          "busy",
          "released");

  /** What must be granted, unless the kernel has nothing of the kind. */
  private enum Thing {
    PRIVATE_MAP("a PRIVATE map"),
    COHERENT_MAP("a COHERENT map"),
    LARGE_HAND_OUT("a hand-out of more than one page"),
    RANGE_UPWARDS("a free range searched upwards");

    private final String name;

    Thing(String name) {
      this.name = name;
    }

    boolean isOf(Dialect dialect) {
      return switch (this) {
        case PRIVATE_MAP -> dialect.types().contains(MemoryType.PRIVATE);
        case COHERENT_MAP -> dialect.types().contains(MemoryType.COHERENT);
        case LARGE_HAND_OUT -> dialect.has(Feature.ORDERS);
        case RANGE_UPWARDS -> dialect.has(Feature.FREE_REGIONS);
      };
    }

    boolean isAskedBy(Scenario scenario, Operation operation) {
      return switch (this) {
        case PRIVATE_MAP -> maps(scenario, operation, MemoryType.PRIVATE);
        case COHERENT_MAP -> maps(scenario, operation, MemoryType.COHERENT);
        case LARGE_HAND_OUT ->
            operation.arguments() instanceof Arguments.HandOut handOut && handOut.order() > 0;
        case RANGE_UPWARDS ->
            operation.arguments() instanceof Arguments.FreeRegion region
                && region.align().isPresent();
      };
    }

    private static boolean maps(Scenario scenario, Operation operation, MemoryType type) {
      return operation.verb() == Verb.REMAP_PAGES
          && scenario.map(operation.names().getFirst()).filter(map -> map.isOf(type)).isPresent();
    }
  }

  private final Dialect dialect;
  private final Set<Thing> granted = EnumSet.noneOf(Thing.class);
  private final Map<Verb, Integer> operations = new TreeMap<>(Comparator.comparing(Verb::word));
  private final Map<String, Integer> answers = new TreeMap<>();
  private int scenarios;
  private int departing;
  private int all;
  private int compared;

  /**
   * Nothing was asked yet.
   *
   * @param dialect what the judge can be asked; the rest is waived
   */
  public Coverage(Dialect dialect) {
    this.dialect = dialect;
    ANSWERS.forEach(answer -> answers.put(answer, 0));
    for (Verb verb : Verb.values()) {
      if (isWanted(verb) && dialect.has(verb)) {
        operations.put(verb, 0);
      }
    }
  }

  /**
   * Whether a run is asked for it: generated scenarios have each verb but those without a weight.
   */
  private static boolean isWanted(Verb verb) {
    return verb.weight() > 0 || verb == Verb.MACHINE;
  }

  /** Adds one scenario. */
  public void add(Conformance.Outcome outcome) {
    Scenario scenario = outcome.scenario();
    scenarios++;
    departing += outcome.comparison().departed().isPresent() ? 1 : 0;
    compared += outcome.comparison().compared();
    for (Operation operation : scenario.operations()) {
      all++;
      operations.computeIfPresent(operation.verb(), (verb, count) -> count + 1);
      outcome.kernels().at(operation.line()).ifPresent(answer -> sees(scenario, operation, answer));
    }
    outcome.ours().stream().map(Answer::text).forEach(this::sees);
  }

  private void sees(Scenario scenario, Operation operation, String answer) {
    sees(answer);
    if (answer.startsWith("ok")) {
      for (Thing thing : Thing.values()) {
        if (thing.isAskedBy(scenario, operation)) {
          granted.add(thing);
        }
      }
    }
  }

  private void sees(String answer) {
    String padded = answer + " ";
    answers.replaceAll((wanted, count) -> padded.contains(wanted) ? count + 1 : count);
  }

  /** How many operations were asked. */
  public int operations() {
    return all;
  }

  /** What was asked too seldom, in sentences; empty if nothing was. */
  public List<String> shortcomings() {
    List<String> missing = new ArrayList<>();
    if (compared < LEAST_COMPARED * all) {
      missing.add(
          "%d of %d operations were really compared, less than %.0f %%"
              .formatted(compared, all, 100 * LEAST_COMPARED));
    }
    if (departing > MOST_DEPARTING * scenarios) {
      missing.add(
          "%d of %d scenarios depart, more than %.0f %%"
              .formatted(departing, scenarios, 100 * MOST_DEPARTING));
    }
    operations.forEach(
        (verb, count) -> {
          if (count == 0 && all > 0) {
            missing.add(verb.word() + " was never asked");
          } else if (count < leastOfOneVerb()) {
            missing.add(
                "%s has a share of %s; of %d operations it must have at least %s (%.0f %%, less %d standard deviations)"
                    .formatted(
                        verb.word(),
                        percent(count),
                        all,
                        percent(leastOfOneVerb()),
                        100 * LEAST_SHARE,
                        SLACK));
          }
        });
    int pages = PAGES.stream().mapToInt(verb -> operations.getOrDefault(verb, 0)).sum();
    if (pages < LEAST_PAGES * all) {
      missing.add("page maps have a share of %s".formatted(percent(pages)));
    }
    answers.forEach(
        (answer, count) -> {
          if (count == 0) {
            missing.add("no answer was '%s'".formatted(answer.strip()));
          }
        });
    for (Thing thing : Thing.values()) {
      if (thing.isOf(dialect) && !granted.contains(thing)) {
        missing.add(thing.name + " was never granted");
      }
    }
    return missing;
  }

  /** The conditions that the judge cannot meet, by name; none of them is a shortcoming. */
  public List<String> waived() {
    return Stream.concat(
            Arrays.stream(Verb.values())
                .filter(verb -> isWanted(verb) && !dialect.has(verb))
                .map(Verb::word),
            Arrays.stream(Thing.values())
                .filter(thing -> !thing.isOf(dialect))
                .map(thing -> thing.name))
        .toList();
  }

  /**
   * How many operations each verb must have. A verb whose share is 2 % has a few less by chance, as
   * a binomial distribution says: three standard deviations less are let pass, so that the slack is
   * the smaller the more operations there are.
   */
  private double leastOfOneVerb() {
    double deviation = Math.sqrt(LEAST_SHARE * (1 - LEAST_SHARE) * all);
    return LEAST_SHARE * all - SLACK * deviation;
  }

  private String percent(double count) {
    return String.format(Locale.ROOT, "%.2f %%", 100.0 * count / Math.max(1, all));
  }

  /** {@code lookup 11.2 %, memremap 6.0 %, …}: every operation, the most frequent first. */
  public String shares() {
    return operations.entrySet().stream()
        .sorted(Map.Entry.<Verb, Integer>comparingByValue().reversed())
        .map(entry -> entry.getKey().word() + " " + percent(entry.getValue()))
        .reduce((one, other) -> one + ", " + other)
        .orElse("");
  }
}
