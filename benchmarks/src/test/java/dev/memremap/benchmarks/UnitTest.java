// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.benchmarks.Unit.Dimension;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnitTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "0.5; TIME; 0.500 ns",
        "1.234; TIME; 1.23 ns",
        "15.96; TIME; 16.0 ns",
        "75100; TIME; 75.1 µs",
        "999.96; TIME; 1,000 ns",
        "2000000; TIME; 2 ms",
        "1.25e10; TIME; 12.5 s",
        "15.9; SIZE; 15.9 B",
        "65536; SIZE; 64 KiB",
        "741343232; SIZE; 707 MiB",
        "0; NUMBER; 0",
        "10000; NUMBER; 10,000"
      })
  @DisplayName("a cost is read in its best unit, with three digits that count")
  void words(double base, Dimension dimension, String words) {
    assertThat(Unit.words(base, dimension)).isEqualTo(words);
  }

  @Test
  @DisplayName("a goal is written as it was given")
  void goals() {
    assertThat(Goal.ratioAtMost(0.5).words()).isEqualTo("≤ 0.5");
    assertThat(Goal.timesFaster(2.5).words()).isEqualTo("≥ 2.5 ×");
    assertThat(Goal.atMost(1.5, Unit.NANOSECONDS).words()).isEqualTo("≤ 1.5 ns");
    assertThat(Goal.atMost(150, Unit.NANOSECONDS).words()).isEqualTo("≤ 150 ns");
    assertThat(Goal.asFast(0.98).words()).isEqualTo("≥ 0.98 ×, overlapping");
    assertThat(Goal.none().words()).isEmpty();
  }
}
