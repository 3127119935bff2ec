// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TerminalWidthTest {
  @ParameterizedTest
  @CsvSource({"24 132, 132", "'50 70\n', 70", "0 0, 80", "'', 80", "stty: odd, 80", "24 x, 80"})
  @DisplayName("stty says rows and columns; without them a terminal has 80")
  void columns(String said, int columns) {
    assertThat(TerminalWidth.parse(said)).isEqualTo(columns);
  }
}
