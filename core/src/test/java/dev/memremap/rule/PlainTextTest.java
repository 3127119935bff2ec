// SPDX-License-Identifier: Apache-2.0
package dev.memremap.rule;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The words of others in a sentence. */
class PlainTextTest {
  @ParameterizedTest
  @ValueSource(
      ints = {
        0, 7, '\t', '\n', '\r', 0x1b, 0x7f, 0x9b, 0xad, 0x200d, 0x2028, 0x2029, 0x202e, 0xd800,
        0xfeff, 0xe0001
      })
  @DisplayName("what commands a terminal, ends a line or turns letters round is one '?'")
  void commands(int point) {
    assertThat(PlainText.isCommand(point)).isTrue();
    assertThat(PlainText.of("a" + Character.toString(point) + "b")).isEqualTo("a?b");
  }

  @Test
  @DisplayName("all other letters stay, those beyond 16 bits and those that combine, too")
  void letters() {
    String text = "a b é e\u0301 宽 😀 … ' \" \\";
    assertThat(PlainText.of(text)).isEqualTo(text);
  }

  @Test
  @DisplayName("a beginning has so many characters, and says that it is one")
  void beginnings() {
    assertThat(PlainText.beginning("😀😀\u001b", 3)).isEqualTo("😀😀?");
    assertThat(PlainText.beginning("😀😀😀", 2)).isEqualTo("😀😀…");
    assertThat(PlainText.beginning("", 0)).isEmpty();
  }
}
