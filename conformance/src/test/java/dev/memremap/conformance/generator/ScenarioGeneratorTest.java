// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance.generator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.conformance.Conformance;
import dev.memremap.conformance.Coverage;
import dev.memremap.resource.PhysRange;
import dev.memremap.scenario.Answer;
import dev.memremap.scenario.Answers;
import dev.memremap.scenario.Comparison;
import dev.memremap.scenario.Kernel;
import dev.memremap.scenario.MachineExecutor;
import dev.memremap.scenario.Operation;
import dev.memremap.scenario.Scenario;
import dev.memremap.scenario.Verb;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
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

  /** Of a run beside a kernel that answers as this library does, except where that departs. */
  private static final Coverage COVERAGE = new Coverage(Dialect.WHOLE);

  private static final Map<String, Integer> ANSWERS = new TreeMap<>();
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
      List<Answer> answers = new ArrayList<>();
      Map<String, Integer> beside = new TreeMap<>();
      try (MachineExecutor executor = MachineExecutor.open(scenario)) {
        for (Operation operation : scenario.operations()) {
          Answer answer = executor.execute(operation);
          answers.add(answer);
          countCompound(scenario.textOf(operation), answer.text(), beside);
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
      Conformance.Outcome outcome = outcome(scenario, answers);
      COVERAGE.add(outcome);
      departing += outcome.comparison().departed().isPresent() ? 1 : 0;
    }
  }

  private static Conformance.Outcome outcome(Scenario scenario, List<Answer> ours) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < ours.size(); i++) {
      Answer answer = ours.get(i);
      text.append(scenario.operations().get(i).line()).append(": ");
      text.append(answer.departure().isPresent() ? "otherwise" : answer.text()).append('\n');
    }
    Answers kernels = Answers.parse(scenario.path(), text.toString());
    return new Conformance.Outcome(
        ours, kernels, Comparison.live(scenario, ours, Kernel.FOLLOWED, kernels));
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
  @DisplayName("a kernel whose heads have to be aligned is asked for no others")
  void aligned() {
    Dialect aligned =
        new Dialect(Dialect.WHOLE.types(), EnumSet.of(Dialect.Feature.COMPOUND_PAGES));
    ScenarioGenerator generator = new ScenarioGenerator(terrain(), aligned, SEED);
    Map<String, Integer> beside = new TreeMap<>();
    Set<String> large = new TreeSet<>();
    for (int i = 0; i < 200; i++) {
      Scenario scenario = generator.next();
      for (Operation operation : scenario.operations()) {
        String line = scenario.textOf(operation);
        Matcher map = COMPOUND.matcher(line);
        if (map.find() && Integer.parseInt(map.group(3)) > 9) {
          large.add(map.group(3));
          countCompound(line, "", beside);
        }
      }
    }
    assertThat(large).containsExactly("10", "11");
    assertThat(beside).isEmpty();
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
  @DisplayName("they are as hard an examiner as a run beside a kernel must be")
  void covers() {
    // EEXIST is what a kernel says where D-2 departs; in this dialect no map is tried over a
    // draining one, to which we would say it, too
    assertThat(COVERAGE.shortcomings()).isSubsetOf("no answer was 'error EEXIST'");
  }

  @Test
  @DisplayName("some scenarios depart, and few operations ask for nothing")
  void fewArePointless() {
    assertThat(departing).isPositive();
    assertThat(pointless * 100).isLessThan(COVERAGE.operations() * 5);
  }

  @Test
  @DisplayName("every other kind of answer occurs, too")
  void everyAnswer() {
    assertThat(ANSWERS.keySet())
        .contains(
            "INTERSECTS",
            "DISJOINT",
            "null",
            "ok mode=WB direct=yes",
            "ok mode=WB direct=no",
            "zone=normal",
            "none",
            "true",
            "false");
  }
}
