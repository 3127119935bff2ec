// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Each limit of the language: the last value that is allowed, and the first that is not. */
class ScenarioLimitsTest {
  private static final Path FILE = Path.of("a.scenario");

  private static Scenario scenario(String line) {
    return Scenario.parse(FILE, "machine m\n" + line);
  }

  private static void assertRefused(String line, String sentence) {
    assertThatThrownBy(() -> scenario(line))
        .isInstanceOf(ScenarioSyntaxException.class)
        .hasMessageContaining(sentence);
  }

  @Test
  @DisplayName("a line has up to 65,536 characters, its comment included")
  void line() {
    String longest = "region 0 1 #" + "x".repeat(65_536 - 12);
    assertThat(scenario(longest).operations()).hasSize(2);
    assertRefused(longest + "x", "2:65537: the line is longer than 65536 characters");
  }

  @Test
  @DisplayName("a file has up to 16 MiB")
  void file() {
    byte[] largest = new byte[16 << 20];
    Arrays.fill(largest, (byte) '\n');
    assertThat(ScenarioText.decode("f", largest)).hasSize(16 << 20);
    byte[] larger = Arrays.copyOf(largest, largest.length + 1);
    assertThatThrownBy(() -> ScenarioText.decode("f", larger))
        .hasMessage("f:1:1: the file is larger than 16 MiB, so it is hardly a scenario");
  }

  @Test
  @DisplayName("a name has 1 to 32 characters")
  void name() {
    assertThat(scenario("device d").operations().getLast().names()).containsExactly("d");
    String longest = "d".repeat(32);
    assertThat(scenario("device " + longest).operations().getLast().names())
        .containsExactly(longest);
    assertRefused("device " + longest + "d", "is not a name");
  }

  @Test
  @DisplayName("up to 40 characters of a word are shown, those outside the BMP as one each")
  void quoted() {
    String smile = "\ud83d\ude00";
    for (String one : new String[] {"w", smile}) {
      assertThat(Word.quoted(one.repeat(40))).isEqualTo("'" + one.repeat(40) + "'");
      assertThat(Word.quoted(one.repeat(41))).isEqualTo("'" + one.repeat(40) + "…'");
    }
  }

  @Test
  @DisplayName("a number of up to 40 characters is shown whole, a longer one is cut")
  void number() {
    String shown = "9".repeat(40);
    assertRefused("region 0 " + shown, shown);
    assertRefused("region 0 " + shown + "9", "'" + shown + "…' is not a number of 64 bits");
  }

  @Test
  @DisplayName("a line's number in a file of answers has up to nine digits")
  void answersLine() {
    assertThat(Answers.parse(FILE, "999999999: ok").at(999_999_999)).contains("ok");
    assertThatThrownBy(() -> Answers.parse(FILE, "1000000000: ok"))
        .hasMessageContaining("is not an answer");
  }

  @Test
  @DisplayName("a line's number in a list of departures has up to nine digits")
  void departuresLine() {
    Path list = Path.of("departures.tsv");
    String row = "head\na\t%s\tD-8\tnull\tok\tmemremap\n";
    assertThat(DepartureList.parse(list, row.formatted("999999999")).of(FILE))
        .extracting(DepartureList.Entry::line)
        .containsExactly(999_999_999);
    assertThatThrownBy(() -> DepartureList.parse(list, row.formatted("1000000000")))
        .hasMessageContaining("a departure has six columns");
  }
}
