// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KernelTest {
  @ParameterizedTest
  @DisplayName("versions are ordered by their numbers, not by their letters")
  @CsvSource({
    "6.12, 6, 5, true",
    "6.5, 6, 5, true",
    "6.1, 6, 5, false",
    "5.10, 5, 9, true",
    "5.10, 6, 0, false",
    "7.0, 6, 5, true"
  })
  void isAtLeast(String version, int major, int minor, boolean expected) {
    assertThat(new Kernel(version).isAtLeast(major, minor)).isEqualTo(expected);
  }
}
