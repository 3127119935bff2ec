// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.conformance.generator.Dialect;
import dev.memremap.page.MemoryType;
import dev.memremap.rule.Rule;
import dev.memremap.scenario.Answer;
import dev.memremap.scenario.Answers;
import dev.memremap.scenario.Comparison;
import dev.memremap.scenario.Operation;
import dev.memremap.scenario.Scenario;
import dev.memremap.scenario.Verb;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each condition of the examiner, just met and just missed: 100 scenarios with 5000 operations are
 * exactly enough of everything, and each test changes one number by one.
 */
class CoverageTest {
  private static final Path FILE = Path.of("x.scenario");
  private static final int OPERATIONS = 5000;
  private static final int SCENARIOS = 100;

  /** One operation for each verb but machine's own; those that define a name come first. */
  private static final Map<String, String> LINES = new LinkedHashMap<>();

  static {
    for (String line :
        List.of(
            "memremap m%d 0 4K WB",
            "ref r%d",
            "device d%d",
            "pgmap p%1$d type=%2$s range=0+0",
            "lookup l%d 0",
            "region 0 1",
            "memunmap m1",
            "load m1 0 8",
            "store m1 0 8 1",
            "ref-get r1",
            "ref-put r1",
            "ref-tryget r1",
            "ref-tryget-live r1",
            "ref-kill r1",
            "ref-reinit r1",
            "ref-resurrect r1",
            "ref-to-atomic r1",
            "ref-to-percpu r1",
            "ref-state r1",
            "ref-exit r1",
            "remap-pages p%3$d",
            "unmap-pages p1",
            "device-release d1",
            "put l1",
            "page 0",
            "page-get 0",
            "page-put 0",
            "page-init 0 9",
            "memory-failure 0",
            "free-region 0+1M 4K align=2M",
            "altmap p1")) {
      LINES.put(line.split(" ", 2)[0], line);
    }
  }

  /** The answers that must occur, with something around them as executors have it. */
  static final List<String> ANSWERS =
      List.of(
          "error EINVAL",
          "error ENOMEM",
          "error ENXIO",
          "error EBUSY",
          "error EEXIST",
          "MIXED",
          "ok mode=WB direct=yes",
          "ok mode=WT direct=no",
          "ok mode=WC direct=no",
          "ok mode=UC- direct=no",
          "busy",
          "ok released");

  private static final Dialect WITH_ORDERS =
      new Dialect(Dialect.WHOLE.types(), EnumSet.allOf(Dialect.Feature.class));

  private final Map<String, Integer> asked = new LinkedHashMap<>();
  private List<String> ours = ANSWERS;
  private List<String> kernels = List.of();
  private int compared = OPERATIONS * 90 / 100;
  private int departing = SCENARIOS * 3 / 100;
  private String odd = "PRIVATE";
  private String even = "COHERENT";
  private String granted = "ok";

  @BeforeEach
  void exactlyEnough() {
    LINES.keySet().forEach(verb -> asked.put(verb, OPERATIONS * 2 / 100));
    int pages = asked.get("remap-pages") + asked.get("unmap-pages") + asked.get("lookup");
    asked.put("page", OPERATIONS * 30 / 100 - pages);
    asked.put("machine", SCENARIOS);
    int sum = asked.values().stream().mapToInt(Integer::intValue).sum();
    asked.merge("region", OPERATIONS - sum, Integer::sum);
  }

  /** Asks one operation less of one verb, and one more of another. */
  private void instead(String verb, String other) {
    asked.merge(verb, -1, Integer::sum);
    asked.merge(other, 1, Integer::sum);
  }

  /** One scenario has all operations but the machines of the others. */
  private Coverage coverage() {
    return coverage(WITH_ORDERS);
  }

  private Coverage coverage(Dialect dialect) {
    Coverage coverage = new Coverage(dialect);
    Scenario whole = scenario();
    coverage.add(outcome(whole, compared, departing > 0));
    Scenario machine = Scenario.parse(FILE, "machine m");
    for (int i = 1; i < asked.get("machine"); i++) {
      coverage.add(outcome(machine, 0, i < departing));
    }
    return coverage;
  }

  private Scenario scenario() {
    List<String> lines = new ArrayList<>(List.of("machine m"));
    LINES.forEach(
        (verb, line) -> {
          for (int i = 1; i <= asked.get(verb); i++) {
            // every other map is of another type, and both are mapped
            lines.add(line.formatted(i, i % 2 == 0 ? even : odd, 1 + i % 2));
          }
        });
    return Scenario.parse(FILE, String.join("\n", lines));
  }

  /** What is unsupported or parts counts neither as compared nor as departed. */
  private Conformance.Outcome outcome(Scenario scenario, int compared, boolean departs) {
    Operation first = scenario.operations().getFirst();
    Comparison comparison =
        new Comparison(
            scenario,
            compared,
            scenario.operations().size() - compared,
            departs
                ? Optional.of(new Comparison.Departed(first, Rule.D_8, Answer.of("null"), "ok"))
                : Optional.empty(),
            !departs,
            List.of());
    StringBuilder theirs = new StringBuilder();
    for (int i = 0; i < scenario.operations().size(); i++) {
      theirs.append("%d: %s\n".formatted(i + 1, i < kernels.size() ? kernels.get(i) : granted));
    }
    return new Conformance.Outcome(
        ours.stream().map(answer -> Answer.of(answer)).toList(),
        Answers.parse(FILE, theirs.toString()),
        comparison);
  }

  @Test
  @DisplayName("exactly enough of everything leaves nothing out")
  void enough() {
    Coverage coverage = coverage();
    assertThat(coverage.operations()).isEqualTo(OPERATIONS);
    assertThat(coverage.shortcomings()).as(coverage.shares()).isEmpty();
  }

  @Test
  @DisplayName("an operation less than 90 % compared is too few")
  void compared() {
    compared--;
    assertThat(coverage().shortcomings())
        .containsExactly("4499 of 5000 operations were really compared, less than 90 %");
  }

  @Test
  @DisplayName("a scenario more than 3 % departing is too many")
  void departing() {
    departing++;
    assertThat(coverage().shortcomings())
        .containsExactly("4 of 100 scenarios depart, more than 3 %");
  }

  static List<String> verbs() {
    return Arrays.stream(Verb.values())
        .filter(verb -> verb.weight() > 0 || verb == Verb.MACHINE)
        .map(Verb::word)
        .toList();
  }

  @ParameterizedTest
  @MethodSource("verbs")
  @DisplayName(
      "each verb of the language is asked in 2 % of 5000 operations, less three deviations of 9.9")
  void verb(String verb) {
    departing = 0;
    String other =
        switch (verb) {
          case "page" -> "lookup";
          case "remap-pages", "unmap-pages", "lookup" -> "page";
          case "region" -> "memremap";
          default -> "region";
        };
    while (asked.get(verb) > 71) {
      instead(verb, other);
    }
    assertThat(coverage().shortcomings()).isEmpty();
    instead(verb, other);
    assertThat(coverage().shortcomings())
        .containsExactly(
            verb
                + " has a share of 1.40 %; of 5000 operations it must have at least 1.41 %"
                + " (2 %, less 3 standard deviations)");
  }

  @ParameterizedTest(name = "{1} of {0} operations")
  @CsvSource({
    "440, 1, ''",
    "1000, 7, 0.67 %",
    "3000, 37, 1.23 %",
    "7000, 105, 1.50 %",
    "20000, 341, 1.70 %",
  })
  @DisplayName("the more operations, the less a verb may miss of 2 % by chance")
  void slack(int operations, int enough, String least) {
    assertThat(tooRare(operations, enough)).isEmpty();
    assertThat(tooRare(operations, enough - 1))
        .singleElement()
        .asString()
        .contains(
            enough == 1
                ? "region was never asked"
                : "of %d operations it must have at least %s".formatted(operations, least));
  }

  /** What is said of one verb that is asked so often, beside another that is asked else. */
  private List<String> tooRare(int operations, int ofThem) {
    List<String> lines = new ArrayList<>(List.of("machine m"));
    for (int i = 1; i < operations; i++) {
      lines.add(i <= ofThem ? "region 0 1" : "page 0");
    }
    Coverage coverage = new Coverage(WITH_ORDERS);
    coverage.add(outcome(Scenario.parse(FILE, String.join("\n", lines)), operations, false));
    return coverage.shortcomings().stream().filter(said -> said.startsWith("region ")).toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"remap-pages", "unmap-pages", "lookup", "page"})
  @DisplayName("30 % of the operations map pages, unmap them, look them up or look at them")
  void pages(String verb) {
    asked.merge("page", -200, Integer::sum);
    asked.merge(verb, 200, Integer::sum);
    assertThat(coverage().shortcomings()).isEmpty();
    instead(verb, "region");
    assertThat(coverage().shortcomings()).containsExactly("page maps have a share of 29.98 %");
  }

  @ParameterizedTest
  @FieldSource("ANSWERS")
  @DisplayName("each answer occurs once, be it ours or the kernel's, or it is missing")
  void answers(String answer) {
    String sentence =
        "no answer was '%s'"
            .formatted(answer.replaceAll("ok mode=(\\S+) .*", "mode=$1").replace("ok ", ""));
    ours = ANSWERS.stream().filter(one -> !one.equals(answer)).toList();
    assertThat(coverage().shortcomings()).containsExactly(sentence);
    kernels = List.of("ok", answer);
    assertThat(coverage().shortcomings()).isEmpty();
    ours = List.of();
    kernels = ANSWERS;
    assertThat(coverage().shortcomings()).isEmpty();
  }

  @ParameterizedTest(name = "{1} is not {0}")
  @CsvSource({
    "mode=WB, ok mode=WBX direct=no",
    "mode=WT, ok mode=WTX direct=no",
    "mode=WC, ok mode=WC- direct=no",
    "mode=UC-, ok mode=UC direct=no",
    "error ENXIO, error ENODEV",
    "MIXED, INTERSECTS",
    "released, ok",
  })
  @DisplayName("an answer that is nearly the same is another one")
  void nearly(String answer, String other) {
    ours = ANSWERS.stream().map(one -> one.contains(answer) ? other : one).toList();
    assertThat(coverage().shortcomings()).containsExactly("no answer was '%s'".formatted(answer));
  }

  @Test
  @DisplayName("where nothing was asked, no share is missed, and every answer is missing")
  void nothingAsked() {
    assertThat(new Coverage(WITH_ORDERS).shortcomings())
        .hasSize(ANSWERS.size() + 4)
        .allMatch(
            sentence -> sentence.startsWith("no answer was") || sentence.endsWith("never granted"));
  }

  @Test
  @DisplayName("maps of two types, large hand-outs and ranges from below are granted once each")
  void things() {
    odd = "GENERIC";
    assertThat(coverage().shortcomings()).containsExactly("a PRIVATE map was never granted");
    even = "FS_DAX";
    assertThat(coverage().shortcomings())
        .containsExactly("a PRIVATE map was never granted", "a COHERENT map was never granted");
    granted = "error EINVAL";
    assertThat(coverage().shortcomings())
        .contains(
            "a hand-out of more than one page was never granted",
            "a free range searched upwards was never granted");
  }

  @Test
  @DisplayName("what a kernel cannot be asked is waived, and named")
  void waived() {
    assertThat(coverage().waived()).isEmpty();
    odd = "GENERIC";
    even = "GENERIC";
    Dialect old =
        new Dialect(EnumSet.of(MemoryType.GENERIC), EnumSet.of(Dialect.Feature.CALLERS_REFERENCE));
    asked.merge("region", asked.get("page-init") + asked.get("free-region"), Integer::sum);
    asked.put("page-init", 0);
    asked.put("free-region", 0);
    assertThat(coverage(old).shortcomings()).isEmpty();
    assertThat(coverage(old).waived())
        .containsExactly(
            "page-init",
            "free-region",
            "a PRIVATE map",
            "a COHERENT map",
            "a hand-out of more than one page",
            "a free range searched upwards");
  }

  @Test
  @DisplayName("the shares name every verb, the most frequent first")
  void shares() {
    assertThat(coverage().shares()).startsWith("page 24.00 %, region 16.00 %, altmap 2.00 %, ");
    assertThat(coverage().shares().split(", ")).hasSameSizeAs(verbs());
  }
}
