// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Waits for what must come to pass once a process was told to end. */
final class Eventually {
  private static final long LOOK_AGAIN_MILLIS = 20;

  /** What is waited for. */
  interface Condition {
    boolean holds() throws IOException;
  }

  private Eventually() {}

  /** Returns as soon as it holds; fails after the time for which an orphan may live. */
  static void holds(Condition condition) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + GuestLimits.find().orphan().toNanos();
    while (!condition.holds()) {
      assertThat(System.nanoTime() - deadline).as("nanoseconds beyond the limit").isNegative();
      Thread.sleep(LOOK_AGAIN_MILLIS);
    }
  }

  /** Whether a process has ended; one whose parent did not ask for its status yet has, too. */
  static boolean isGone(long id) {
    try {
      return Files.readAllBytes(Path.of("/proc/" + id + "/cmdline")).length == 0;
    } catch (IOException e) {
      return true;
    }
  }
}
