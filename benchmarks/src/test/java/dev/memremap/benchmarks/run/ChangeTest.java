// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.run;

import static dev.memremap.benchmarks.run.Sample.cost;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.benchmarks.Goal;
import dev.memremap.benchmarks.Unit;
import dev.memremap.benchmarks.run.Change.Standing;
import dev.memremap.cli.Schemas;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class ChangeTest {
  @TempDir private Path folder;

  private static Change change(Cost here, Cost there) {
    return new Change(Sample.alone("startup-it", Goal.none()), here, there, Standing.COMPARED, "");
  }

  private static double[] numbers(String words) {
    return Arrays.stream(words.split(" ", -1)).mapToDouble(Double::parseDouble).toArray();
  }

  @ParameterizedTest
  @CsvSource({
    "100 102 104, 99 101 103, yes",
    "120 121 122, 100 101 102, 'no, slower'",
    "100 101 102, 120 121 122, 'no, faster'",
    "105 106 107, 100 101 102, no",
    "100 101 102, 105 106 107, no",
    "110 150 190, 90 100 110, yes",
    "111 111 111, 101 101 101, no",
    "5 5 5, 0 0 0, 'no, slower'",
    "0 0 0, 0 0 0, yes"
  })
  @DisplayName("slower: the intervals lie apart, and the median is more than 10 % up")
  void verdict(String here, String there, String verdict) {
    Change change = change(cost(numbers(here)), cost(numbers(there)));
    AgainstReport report = report(false, change);
    assertThat(report.verdict(change)).isEqualTo(verdict);
    assertThat(report.summary())
        .startsWith(verdict.endsWith("slower") ? "1 of 1 row is" : "0 of 1 row are");
  }

  @Test
  @DisplayName("the ratio is that of the medians, its interval that of forks taken in turn")
  void ratio() {
    Change change = change(cost(10, 12, 30), cost(10, 10, 20));
    assertThat(change.ratio()).hasValue(1.2);
    assertThat(change.pairsWords()).isEqualTo("1.00–1.50");
    assertThat(change.percentWords()).isEqualTo("+20.0 %");
    assertThat(change(cost(9), cost(10)).percentWords()).isEqualTo("-10.0 %");
  }

  @Test
  @DisplayName("one pair of forks has no interval, and nothing can be divided by zero")
  void noRatio() {
    assertThat(change(cost(3), cost(4)).pairsWords()).isEmpty();
    assertThat(change(cost(5, 5), cost(0, 0)).ratio()).isEmpty();
    assertThat(change(cost(5, 5), cost(0, 5)).pairsWords()).isEmpty();
    assertThat(change(cost(0), cost(0)).ratio()).hasValue(1);
  }

  @ParameterizedTest
  @CsvSource({"3, 1", "5, 2", "4, 3"})
  @DisplayName("the ratio of the medians lies within the interval of the pairs")
  void within(int forks, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 1000; i++) {
      Change change =
          change(
              cost(random.doubles(forks, 1, 2).toArray()),
              cost(random.doubles(forks, 1, 2).toArray()));
      assertThat(change.ratio().orElseThrow())
          .as("seed %d, case %d", seed, i)
          .isBetween(change.pairs().orElseThrow().getMin(), change.pairs().orElseThrow().getMax());
    }
  }

  @Test
  @DisplayName("a time is not compared with a size, and what was not measured not at all")
  void kinds() {
    assertThatThrownBy(() -> change(cost(1), cost(Unit.Dimension.SIZE, 1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> change(cost(1), null)).isInstanceOf(IllegalArgumentException.class);
  }

  private static AgainstReport report(boolean quick, Change... changes) {
    return new AgainstReport(
        Sample.report().surroundings(), "ba9876543210", quick, List.of(changes));
  }

  private static AgainstReport sample(boolean quick) {
    return report(
        quick,
        change(cost(120, 121, 122), cost(100, 101, 102)),
        Change.without(Sample.row("scale-new", Goal.none()), Standing.NOT_THERE, ""),
        Change.without(
            Sample.row("scale-bad", Goal.none()), Standing.BROKEN, "in x, it failed: boom"));
  }

  @Test
  @DisplayName("the table has both costs, ratio, change and overlap, and ends with the result")
  void table() {
    List<String> lines = AgainstTable.text(sample(false)).lines().toList();
    assertThat(lines)
        .anySatisfy(
            line ->
                assertThat(line)
                    .matches("  startup-it +121 ns +101 ns +1\\.20 +\\+19\\.8 % +no, slower"))
        .anySatisfy(line -> assertThat(line).matches("    alone +120–122 +100–102 +1\\.20–1\\.20"))
        .anySatisfy(line -> assertThat(line).matches("  scale-new +not in ba9876543210"))
        .contains("scale-bad: in x, it failed: boom");
    assertThat(lines.getLast())
        .isEqualTo(
            "1 of 1 row is more than 10 % slower than ba9876543210, with intervals that do not overlap; 1 not in ba9876543210, 1 broken");
  }

  @Test
  @DisplayName("a run too short to be believed judges nothing, wherever it is written")
  void quick() throws IOException {
    Path document = folder.resolve("new.md");
    AgainstTable.write(sample(true), document);
    for (String written : List.of(AgainstTable.text(sample(true)), Files.readString(document))) {
      assertThat(written).contains("not judged").doesNotContain("no, slower", "more than 10 %");
    }
    JsonNode root = Schemas.check(AgainstJson.tree(sample(true)).toString());
    assertThat(root.at("/rows/0/slower").isMissingNode()).isTrue();
  }

  @Test
  @DisplayName("a document's place for two versions is another than that of the peers")
  void markdown() throws IOException {
    Path document = folder.resolve("a.md");
    Files.writeString(
        document,
        """
        <!-- memremap bench -->
        <!-- end of memremap bench -->
        <!-- memremap bench --against scale-new -->
        old
        <!-- end of memremap bench --against -->
        """);
    AgainstTable.write(sample(false), document);
    String once = Files.readString(document);
    assertThat(once)
        .startsWith("<!-- memremap bench -->\n<!-- end of memremap bench -->\n")
        .contains("| `scale-new`: `a` < \"b\" & c |  |  |  |  | not in ba9876543210 |")
        .doesNotContain("old", "startup-it");
    MarkdownTable.write(Sample.report(), document);
    assertThat(Files.readString(document))
        .endsWith(once.substring(once.indexOf("<!-- memremap bench --against")))
        .contains("startup-broken");
  }

  @Test
  @DisplayName("the JSON has every fork of both versions")
  void json() throws IOException {
    JsonNode root = Schemas.check(AgainstJson.tree(sample(false)).toString());
    assertThat(root.at("/against").asString()).isEqualTo("ba9876543210");
    assertThat(root.at("/commit").asString()).isEqualTo("0123456789ab");
    JsonNode row = root.at("/rows/0");
    assertThat(row.at("/here/forks/2/cost").asDouble()).isEqualTo(122);
    assertThat(row.at("/there/forks/2/cost").asDouble()).isEqualTo(102);
    assertThat(row.at("/hereByThere").asDouble()).isEqualTo(121.0 / 101);
    assertThat(row.at("/hereByThereLow").asDouble()).isEqualTo(122.0 / 102);
    assertThat(row.at("/hereByThereHigh").asDouble()).isEqualTo(120.0 / 100);
    assertThat(row.at("/intervalsOverlap").asBoolean(true)).isFalse();
    assertThat(row.at("/slower").asBoolean()).isTrue();
    assertThat(root.at("/rows/1/standing").asString()).isEqualTo("not there");
    assertThat(root.at("/rows/1/here").isMissingNode()).isTrue();
  }
}
