// SPDX-License-Identifier: Apache-2.0
package dev.memremap.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/hmm-tests.md} has a row for each of the kernel's test cases, and names what exists.
 */
class HmmTestsPageTest {
  private static final Path SCENARIOS = Path.of("../scenario/src/test/resources/scenarios");
  private static final List<Path> TESTS =
      List.of(Path.of("src/test/java"), Path.of("../scenario/src/test/java"));

  /**
   * A row of one of its tables.
   *
   * @param name of the test case, or of what the driver does
   * @param kernels that have it
   * @param ours what of it is ours; empty if nothing is
   * @param covered the test or scenario; empty if nothing covers it
   * @param reason why nothing of it is ours; empty if something is
   */
  private record Row(String name, String kernels, String ours, String covered, String reason) {
    static Row of(String line) {
      List<String> cells = Arrays.stream(line.split("\\|", -1)).map(String::strip).toList();
      assertThat(cells).as(line).hasSize(7);
      return new Row(cells.get(1), cells.get(2), cells.get(3), cells.get(4), cells.get(5));
    }
  }

  private static List<Row> rows = List.of();

  @BeforeAll
  static void read() throws IOException {
    rows =
        Files.readString(Path.of("../docs/hmm-tests.md"))
            .lines()
            .filter(line -> line.startsWith("| `"))
            .map(Row::of)
            .toList();
  }

  @Test
  @DisplayName("each test case of the kernel's is a row, in the kernel's order")
  void complete() throws IOException {
    List<String> cases =
        Files.readAllLines(Path.of("src/test/resources/hmm-tests.txt")).stream()
            .filter(line -> !line.startsWith("#"))
            .map("`%s`"::formatted)
            .toList();
    assertThat(cases).hasSize(38).doesNotHaveDuplicates();
    assertThat(rows.subList(0, cases.size())).extracting(Row::name).isEqualTo(cases);
    assertThat(rows.subList(cases.size(), rows.size()))
        .hasSizeGreaterThan(10)
        .allMatch(row -> row.name.startsWith("`dmirror_") || row.name.startsWith("`HMM_DMIRROR_"));
    assertThat(rows).extracting(Row::name).doesNotHaveDuplicates();
    assertThat(rows).extracting(Row::kernels).containsOnly("6.1, newest", "newest");
  }

  @Test
  @DisplayName("a row says what covers it, or why nothing of it is ours, and not both")
  void oneOrTheOther() {
    assertThat(rows)
        .allSatisfy(
            row -> {
              assertThat(row.ours.isEmpty()).isEqualTo(row.covered.isEmpty());
              assertThat(row.reason.isEmpty()).isNotEqualTo(row.covered.isEmpty());
            });
  }

  @Test
  @DisplayName("each test and each scenario that the page names exists")
  void exists() {
    assertThat(rows)
        .filteredOn(row -> !row.covered.isEmpty())
        .hasSizeGreaterThan(10)
        .allMatch(row -> exists(row.covered.replace("`", "")), "names what exists");
    assertThat(exists("HmmDriverTest.nothing")).isFalse();
    assertThat(exists("NothingTest.chunk")).isFalse();
    assertThat(exists("taught/nothing.scenario")).isFalse();
  }

  private static boolean exists(String name) {
    if (name.endsWith(".scenario")) {
      return Files.exists(SCENARIOS.resolve(name));
    }
    String[] parts = name.split("\\.");
    Pattern method =
        Pattern.compile(
            "@DisplayName\\([^;{]*\\)\\s+void " + Pattern.quote(parts[1]) + "\\(", Pattern.DOTALL);
    return TESTS.stream()
        .flatMap(folder -> files(folder, parts[0] + ".java").stream())
        .anyMatch(file -> method.matcher(text(file)).find());
  }

  private static List<Path> files(Path folder, String name) {
    try (Stream<Path> walk = Files.walk(folder)) {
      return walk.filter(file -> file.endsWith(name)).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
