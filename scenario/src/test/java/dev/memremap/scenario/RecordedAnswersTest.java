// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Our answers beside those that Linux 6.1 gave, one test for each scenario. */
class RecordedAnswersTest {
  private static final Summary WHOLE = new Summary();
  private static final Summary PARTIAL = new Summary();

  private static boolean isWhole(Path file) {
    return Scenario.read(file).operations().stream()
        .noneMatch(
            operation ->
                operation instanceof RefOperation || operation instanceof PagemapOperation);
  }

  private static Comparison check(Path file) {
    ScenarioRun run =
        new ScenarioRun(
            MachineExecutor::open,
            ScenarioRun.Options.NONE,
            new StringBuilder(),
            new StringBuilder());
    return run.check(file, Kernel.FOLLOWED);
  }

  private static DynamicTest test(Path file, Summary summary) {
    return DynamicTest.dynamicTest(
        Corpus.nameOf(file),
        file.toUri(),
        () -> {
          Comparison comparison = check(file);
          summary.add(comparison);
          assertThat(comparison.differences()).isEmpty();
        });
  }

  @TestFactory
  @DisplayName("scenarios of mappings and devices alone hold to their last line")
  Stream<DynamicTest> whole() {
    return Corpus.followed().stream()
        .filter(RecordedAnswersTest::isWhole)
        .map(file -> test(file, WHOLE));
  }

  @TestFactory
  @DisplayName("the others hold as far as they can be followed")
  Stream<DynamicTest> partial() {
    return Corpus.followed().stream()
        .filter(file -> !isWhole(file))
        .map(file -> test(file, PARTIAL));
  }

  @Test
  @DisplayName("no scenario of mappings and devices alone is skipped, and none of its lines")
  void nothingSkipped() {
    List<Path> files = Corpus.followed().stream().filter(RecordedAnswersTest::isWhole).toList();
    assertThat(files).hasSize(36);
    Summary summary = new Summary();
    files.forEach(file -> summary.add(check(file)));
    assertThat(summary)
        .hasToString(
            "36 scenarios, 499 compared, 3 unsupported, 2 departed (D-8: 1, D-9: 1), 0 parted,"
                + " 0 differences");
  }

  @AfterAll
  static void print() {
    System.out.println("mappings and devices alone: " + WHOLE);
    System.out.println("with references or page maps: " + PARTIAL);
  }
}
