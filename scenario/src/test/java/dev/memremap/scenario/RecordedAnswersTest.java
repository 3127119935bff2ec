// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Our answers beside those that Linux 6.1 and 7.3 gave, one test for each scenario. */
class RecordedAnswersTest {
  private static final Summary ALL = new Summary();
  private static final Summary NEWEST = new Summary();

  private static DynamicTest test(Path file, Kernel kernel, Summary summary) {
    return DynamicTest.dynamicTest(
        Corpus.nameOf(file),
        file.toUri(),
        () -> {
          Comparison comparison = Corpus.check(file, kernel);
          summary.add(comparison);
          assertThat(comparison.differences()).isEmpty();
        });
  }

  @TestFactory
  @DisplayName("every scenario answers as the running kernel did, or departs where it is listed")
  Stream<DynamicTest> recorded() {
    return Corpus.followed().stream().map(file -> test(file, Kernel.FOLLOWED, ALL));
  }

  @Test
  @DisplayName("no scenario is skipped, and none of its lines")
  void nothingSkipped() {
    Summary summary = new Summary();
    Corpus.followed().forEach(file -> summary.add(Corpus.check(file, Kernel.FOLLOWED)));
    assertThat(summary)
        .hasToString(
            "293 scenarios, 5016 compared, 88 unsupported, 80 departed (D-1: 16, D-2: 9, D-5: 22,"
                + " D-8: 2, D-9: 1, D-10: 10, D-11: 3, D-14: 17), 4 parted, 0 differences");
  }

  @Test
  @DisplayName("C-12 where Linux 5.10 answers otherwise, it is for a reason that has a number")
  void olderKernel() {
    Summary summary = new Summary();
    Kernel old = new Kernel("5.10");
    Corpus.below("linux-5.10").forEach(file -> summary.add(Corpus.check(file, old)));
    assertThat(summary)
        .hasToString(
            "78 scenarios, 1028 compared, 14 unsupported, 60 departed (C-12: 19, D-1: 14, D-2: 4,"
                + " D-10: 3, D-11: 4, D-20: 16), 1 parted, 0 differences");
  }

  @TestFactory
  @DisplayName("C-12 every scenario answers as Linux 7.3 did, or departs by a number")
  Stream<DynamicTest> newestKernel() {
    Kernel newest = new Kernel("7.3");
    return Corpus.below("linux-7.3").stream().map(file -> test(file, newest, NEWEST));
  }

  @AfterAll
  static void print() {
    System.out.println("recorded answers: " + ALL);
    System.out.println("recorded answers of 7.3: " + NEWEST);
  }
}
