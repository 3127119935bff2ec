// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance.generator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.resource.PhysRange;
import dev.memremap.scenario.Answer;
import dev.memremap.scenario.MachineExecutor;
import dev.memremap.scenario.Operation;
import dev.memremap.scenario.Scenario;
import dev.memremap.scenario.Verb;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Generated scenarios, run by this library alone: whether they are an examiner worth having. */
class ScenarioGeneratorTest {
  private static final int SCENARIOS = 400;
  private static final long SEED = Long.getLong("dev.memremap.seed", 7);

  private static final Pattern COMPOUND =
      Pattern.compile("^pgmap (\\w+) .*range=0x(\\p{XDigit}+)\\+.* shift=(\\d+)");

  private static final Map<Verb, Integer> VERBS = new TreeMap<>();
  private static final Map<String, Integer> ANSWERS = new TreeMap<>();
  private static int operations;
  private static int departing;
  private static int pointless;

  /** Granted maps whose compound pages begin beside a multiple of their size, by that size. */
  private static final Map<Integer, Integer> BESIDE_A_MULTIPLE = new TreeMap<>();

  private static Terrain terrain() {
    return Terrain.of(
        Path.of("../examples/machines"),
        "qemu-2g.iomem",
        "phys-bits=40",
        List.of(PhysRange.parse("0x60000000+2M"), PhysRange.parse("0x40000000+64M")));
  }

  private static List<String> texts(long seed, int count) {
    ScenarioGenerator generator = new ScenarioGenerator(terrain(), Dialect.WHOLE, seed);
    return IntStream.range(0, count)
        .mapToObj(
            i -> {
              Scenario scenario = generator.next();
              return Stream.concat(
                      Stream.of(scenario.path().toString()),
                      scenario.operations().stream().map(scenario::textOf))
                  .toList()
                  .toString();
            })
        .toList();
  }

  @BeforeAll
  static void runThemAll() {
    System.out.printf("generated scenarios: -Ddev.memremap.seed=%d%n", SEED);
    ScenarioGenerator generator = new ScenarioGenerator(terrain(), Dialect.WHOLE, SEED);
    for (int i = 0; i < SCENARIOS; i++) {
      Scenario scenario = generator.next();
      boolean departs = false;
      Map<String, Integer> beside = new TreeMap<>();
      try (MachineExecutor executor = MachineExecutor.open(scenario)) {
        for (Operation operation : scenario.operations()) {
          Answer answer = executor.execute(operation);
          operations++;
          countCompound(scenario.textOf(operation), answer.text(), beside);
          VERBS.merge(operation.verb(), 1, Integer::sum);
          departs |= answer.departure().isPresent();
          String kind =
              answer.text().replaceAll("p\\d+|0x[0-9a-f]+", "X").replaceAll("=\\d+", "=N");
          ANSWERS.merge(kind, 1, Integer::sum);
          boolean refusedAccess = operation.verb() == Verb.LOAD || operation.verb() == Verb.STORE;
          if (answer.text().equals(Answer.NOT_LIVE)
              || (answer.text().equals(Answer.REFUSED) && !refusedAccess)
              || answer.isUnsupported()) {
            pointless++;
          }
        }
      }
      departing += departs ? 1 : 0;
    }
  }

  private static void countCompound(String line, String answer, Map<String, Integer> beside) {
    Matcher map = COMPOUND.matcher(line);
    if (map.find()) {
      int shift = Integer.parseInt(map.group(3));
      if ((Long.parseLong(map.group(2), 16) >>> 12) % (1L << shift) != 0) {
        beside.put(map.group(1), shift);
      }
    }
    Integer shift = line.startsWith("remap-pages ") ? beside.get(line.split(" ", -1)[1]) : null;
    if (shift != null && answer.startsWith("ok")) {
      BESIDE_A_MULTIPLE.merge(shift, 1, Integer::sum);
    }
  }

  @Test
  @DisplayName("CG-2 compound pages begin beside a multiple of their size, too")
  void besideAMultiple() {
    assertThat(BESIDE_A_MULTIPLE.keySet()).contains(10, 11);
  }

  @Test
  @DisplayName("the same seed writes the same scenarios, another seed others")
  void repeatable() {
    List<String> first = texts(SEED, 40);
    assertThat(texts(SEED, 40)).isEqualTo(first);
    assertThat(texts(SEED, 10)).isEqualTo(first.subList(0, 10));
    assertThat(texts(SEED + 1, 40)).isNotEqualTo(first);
  }

  @Test
  @DisplayName("no operation of the language has a share under 2 %")
  void noneIsRare() {
    assertThat(VERBS.keySet()).containsExactly(Verb.values());
    VERBS.forEach(
        (verb, count) -> assertThat(count * 50).as(verb.word()).isGreaterThanOrEqualTo(operations));
  }

  @Test
  @DisplayName("three in ten operations map pages, unmap them, look them up or look at them")
  void pageMapsFirst() {
    int pages =
        Stream.of(Verb.REMAP_PAGES, Verb.UNMAP_PAGES, Verb.LOOKUP, Verb.PAGE)
            .mapToInt(VERBS::get)
            .sum();
    assertThat(pages * 10).isGreaterThanOrEqualTo(operations * 3);
  }

  @Test
  @DisplayName("at most three in a hundred scenarios depart, and few operations ask for nothing")
  void fewDepart() {
    assertThat(departing * 100).isBetween(1, SCENARIOS * 3);
    assertThat(pointless * 100).isLessThan(operations * 5);
  }

  @Test
  @DisplayName("every kind of answer occurs")
  void everyAnswer() {
    assertThat(ANSWERS.keySet())
        .contains(
            "MIXED",
            "INTERSECTS",
            "DISJOINT",
            "null",
            "busy",
            "ok released",
            "error EINVAL",
            "error ENOMEM",
            "error ENXIO",
            "error EBUSY",
            "ok mode=WB direct=yes",
            "ok mode=WB direct=no",
            "ok mode=WT direct=no",
            "ok mode=WC direct=no",
            "ok mode=UC- direct=no",
            "zone=normal",
            "none",
            "true",
            "false");
  }
}
