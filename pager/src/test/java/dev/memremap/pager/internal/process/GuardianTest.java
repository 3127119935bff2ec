// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** How a guardian keeps workers running. */
class GuardianTest {
  @Test
  @DisplayName("Workers that end at once are started every half second, and later every ten")
  void pauses() {
    assertThat(IntStream.rangeClosed(0, 16).mapToLong(Guardian::pauseMillis))
        .startsWith(500L, 500L)
        .contains(500L, 1_000L, 2_000L, 4_000L, 8_000L)
        .isSorted()
        .endsWith(10_000L, 10_000L);
    assertThat(Guardian.pauseMillis(8)).isEqualTo(500);
    assertThat(Guardian.pauseMillis(Integer.MAX_VALUE)).isEqualTo(10_000);
  }
}
