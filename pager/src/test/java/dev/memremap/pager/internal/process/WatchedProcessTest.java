// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.pager.internal.sys.Native;
import java.time.Instant;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A process is known by its number and its start. */
class WatchedProcessTest {
  private final Process process;

  WatchedProcessTest() throws java.io.IOException {
    process = new ProcessBuilder("sleep", "1000").start();
  }

  @org.junit.jupiter.api.AfterEach
  void end() {
    process.destroyForcibly();
  }

  private long start() {
    return process.info().startInstant().map(Instant::toEpochMilli).orElseThrow();
  }

  @Test
  @DisplayName("A process that runs has not ended, and when it is killed it has")
  void ends() throws Exception {
    try (WatchedProcess watched = WatchedProcess.of(Native.calls(), process.pid(), start());
        WatchedProcess unknown = WatchedProcess.of(Native.calls(), process.pid(), 0)) {
      assertThat(watched.ended(0)).isFalse();
      assertThat(unknown.ended(0)).isFalse();
      process.destroyForcibly();
      assertThat(watched.ended(-1)).isTrue();
      assertThat(unknown.ended(-1)).isTrue();
      process.waitFor();
      assertThat(watched.ended(0)).isTrue();
    }
  }

  @Test
  @DisplayName("Another process that has the number by now is not taken for it")
  void reused() throws Exception {
    try (WatchedProcess watched =
        WatchedProcess.of(Native.calls(), process.pid(), start() - 60_000)) {
      assertThat(watched.ended(0)).isTrue();
    }
  }

  @Test
  @DisplayName("A number that no process has is one that has ended")
  void none() throws Exception {
    process.destroyForcibly();
    process.waitFor();
    for (long pid : new long[] {process.pid(), 0, -1, Integer.MAX_VALUE}) {
      try (WatchedProcess watched = WatchedProcess.of(Native.calls(), pid)) {
        assertThat(watched.ended(0)).as("%d", pid).isTrue();
      }
    }
  }
}
