// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The quantiles of how long faults took. */
class LatenciesTest {
  private static final long HOUR = 3_600_000_000_000L;

  private final Latencies latencies = new Latencies();

  @Test
  @DisplayName("before the first fault each quantile is 0")
  void none() {
    assertThat(latencies.at("0.5 0.99 0.999 1")).isEqualTo("0 0 0 0");
  }

  @ParameterizedTest
  @ValueSource(
      longs = {0, 1, 127, 128, 255, 256, 257, 511, 512, 4_000, 1 << 20, (1 << 20) - 1, HOUR})
  @DisplayName("a time is known to one part of 128, and is not made shorter")
  void exact(long nanos) {
    latencies.record(nanos);
    assertThat(latencies.at(0.5)).isBetween(nanos, nanos + nanos / 128);
  }

  @Test
  @DisplayName("a clock that goes back counts as 0, and more than an hour as an hour")
  void ends() {
    latencies.record(-1);
    assertThat(latencies.at(1)).isZero();
    latencies.record(Long.MAX_VALUE);
    assertThat(latencies.at(1)).isBetween(HOUR, HOUR + HOUR / 128);
  }

  @Test
  @DisplayName("quantiles of drawn times are those of the sorted times, to one part of 128")
  void quantiles() {
    SplittableRandom random = new SplittableRandom(19);
    List<Long> times = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      long nanos = random.nextLong(1L << random.nextInt(1, 41));
      times.add(nanos);
      latencies.record(nanos);
    }
    Collections.sort(times);
    for (double quantile : List.of(0.0, 0.001, 0.5, 0.9, 0.99, 0.999, 1.0)) {
      long expected = times.get(Math.max(0, (int) Math.ceil(quantile * times.size()) - 1));
      assertThat(latencies.at(quantile))
          .as("quantile %s", quantile)
          .isBetween(expected, expected + expected / 128);
    }
  }

  @Test
  @DisplayName("a word that is not a number is refused")
  void noNumber() {
    assertThatThrownBy(() -> latencies.at("half")).isInstanceOf(IllegalArgumentException.class);
  }
}
