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

  @Test
  @DisplayName("A stopped process is told by its state, whatever its name is")
  void state() throws Exception {
    assertThat(Stops.isStopped("12 (java) T 1 12")).isTrue();
    assertThat(Stops.isStopped("12 (a) T (b) S 1 12")).isFalse();
    assertThat(Stops.isStopped("12 (java) t 1 12")).as("a debugger holds it").isFalse();
    Process sleeps = new ProcessBuilder("sleep", "60").start();
    try {
      assertThat(Stops.isStopped(sleeps.pid())).isFalse();
      new ProcessBuilder("kill", "-STOP", Long.toString(sleeps.pid())).start().waitFor();
      while (!Stops.isStopped(sleeps.pid())) {
        Thread.sleep(5);
      }
      Stops stops = new Stops(1_000, 300);
      assertThat(stops.isTooLong(sleeps.pid())).isFalse();
      assertThat(stops.isTooLong(ProcessHandle.current().pid())).as("another one").isFalse();
      assertThat(IntStream.range(0, 4).mapToObj(i -> stops.isTooLong(sleeps.pid())))
          .containsExactly(false, false, false, true);
    } finally {
      sleeps.destroyForcibly();
    }
    sleeps.waitFor();
    assertThat(Stops.isStopped(sleeps.pid())).isFalse();
  }
}
