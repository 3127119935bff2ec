// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.rule.Rule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnswersTest {
  private static final Path FILE = Path.of("a.answers");

  @Test
  @DisplayName("answers are read by their operation's line")
  void read() {
    Answers answers = Answers.parse(FILE, "3: ok mode=UC- direct=no\r\n\n12: 0x5\n");
    assertThat(answers.byLine()).containsOnlyKeys(3, 12);
    assertThat(answers.at(3)).contains("ok mode=UC- direct=no");
    assertThat(answers.at(4)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ok", "1 ok", "0: ok", "1:ok", "1: ", "1:  ok", "x: ok", "-1: ok"})
  @DisplayName("a line that is not an answer is named")
  void malformed(String row) {
    assertThatThrownBy(() -> Answers.parse(FILE, "1: ok\n" + row))
        .isInstanceOf(ScenarioSyntaxException.class)
        .hasMessageStartingWith("a.answers:2:1: '")
        .hasMessageEndingWith("is not an answer, 'N: ANSWER'");
  }

  @Test
  @DisplayName("one operation has one answer")
  void twice() {
    assertThatThrownBy(() -> Answers.parse(FILE, "1: ok\n1: ok"))
        .hasMessage("a.answers:2:1: line 1 is answered twice");
  }

  @Test
  @DisplayName("answers lie beside the scenario, those of other kernels with a version")
  void files() {
    Path scenario = Path.of("d", "a.scenario");
    assertThat(Kernel.FOLLOWED.answersOf(scenario)).isEqualTo(Path.of("d", "a.answers"));
    assertThat(new Kernel("6.1").answersOf(scenario)).isEqualTo(Path.of("d", "a.answers"));
    assertThat(new Kernel("5.10").answersOf(scenario)).isEqualTo(Path.of("d", "a.answers-5.10"));
    assertThat(new Kernel("5.10").answersOf(Path.of("b"))).isEqualTo(Path.of("b.answers-5.10"));
    assertThatThrownBy(() -> new Kernel("../x"))
        .hasMessage("'../x' is not a kernel's version: 6.1 or 5.10, for example");
  }

  @Test
  @DisplayName("the list of departures is the one in the nearest folder above")
  void nearestList(@TempDir Path folder) throws Exception {
    Path deep = Files.createDirectories(folder.resolve("a/b"));
    Path scenario = deep.resolve("x.scenario");
    String row = "%s\t2\tD-8\tnull\tok\tmemremap\n";
    Files.writeString(folder.resolve("departures.tsv"), "head\n" + row.formatted("a/b/x"));
    assertThat(DepartureList.nearest(scenario).orElseThrow().of(scenario))
        .containsExactly(new DepartureList.Entry("a/b/x", 2, "D-8", "null", "ok", "memremap"));
    assertThat(DepartureList.nearest(scenario).orElseThrow().of(deep.resolve("y.scenario")))
        .isEmpty();
    Files.writeString(folder.resolve("a/departures.tsv"), "head\n" + row.formatted("b/y"));
    assertThat(DepartureList.nearest(scenario).orElseThrow().of(scenario)).isEmpty();
    assertThat(DepartureList.nearest(scenario).orElseThrow().of(deep.resolve("y.scenario")))
        .hasSize(1);
  }

  @Test
  @DisplayName("a list of departures with other columns is refused with its line")
  void badList() {
    assertThatThrownBy(() -> DepartureList.parse(Path.of("d.tsv"), "head\na\tb\n"))
        .hasMessageStartingWith("d.tsv:2:1: a departure has six columns");
    assertThatThrownBy(() -> DepartureList.parse(Path.of("d.tsv"), "h\na\tx\tD-8\tn\to\tm\n"))
        .hasMessageStartingWith("d.tsv:2:1: a departure has six columns");
  }

  @Test
  @DisplayName("an answer claims departures only, and parts only by one")
  void claims() {
    assertThatThrownBy(() -> new Answer("null", Optional.of(Rule.MR_3), false, List.of()))
        .hasMessage("MR-3 is not a departure");
    assertThatThrownBy(() -> new Answer("null", Optional.empty(), true, List.of()))
        .hasMessage("the states part only by a departure");
  }
}
