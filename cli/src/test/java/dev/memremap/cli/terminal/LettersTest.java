// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How much room letters take. */
class LettersTest {
  @ParameterizedTest
  @CsvSource({
    "'', 0",
    "abc, 3",
    "\u00e9, 1",
    "e\u0301, 1",
    "\u5bbd\u5b57, 4",
    "\u3042\u30ab, 4",
    "\uff76, 1",
    "\uff21, 2",
    "\uac00, 2",
    "\u3001, 2",
    "\ud83d\ude00, 2",
    "\u2026, 1",
    "\u0430, 1"
  })
  @DisplayName("a letter takes one column, two, or none, as terminals show it")
  void columns(String text, int columns) {
    assertThat(Letters.UTF_8.columns(text)).isEqualTo(columns);
  }

  @Test
  @DisplayName("in ASCII a letter takes what stands in its place")
  void ascii() {
    assertThat(Letters.ASCII.columns("\u5bbd\u2026")).isEqualTo("?...".length());
  }

  @Test
  @DisplayName("a text that is padded ends at its column, or where it ends itself")
  void padded() {
    assertThat(Letters.UTF_8.padded("\u5bbd", 4)).isEqualTo("\u5bbd  ");
    assertThat(Letters.UTF_8.padded("abcd", 2)).isEqualTo("abcd");
  }
}
