// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How long a process has been stopped, as by SIGSTOP. A stopped worker keeps its lock, so no other
 * one can serve, and threads that wait for a page wait until it goes on. This class counts how
 * often it found the process stopped, and measures no time: the guardian may have been stopped as
 * well.
 *
 * <p>Thread safety: one thread's.
 */
final class Stops {
  /** A worker that somebody stops for a moment, to look at it, is not ended. */
  private static final long LEAST_MILLIS = 1_000;

  private final long mostMillis;
  private final int lookMillis;
  private long pid;
  private int looks;

  /**
   * @param limitMillis how long a fault may wait
   * @param lookMillis how long it is from one look to the next, at least
   */
  Stops(long limitMillis, int lookMillis) {
    this.mostMillis = Math.max(limitMillis, LEAST_MILLIS);
    this.lookMillis = lookMillis;
  }

  /** Looks at a process, and returns whether it has been stopped for too long. */
  boolean isTooLong(long process) {
    if (process <= 0 || !isStopped(process)) {
      looks = 0;
      return false;
    }
    looks = process == pid ? looks + 1 : 1;
    pid = process;
    return (long) looks * lookMillis >= mostMillis;
  }

  /** Whether a process is stopped; one that a debugger holds is not. */
  static boolean isStopped(long process) {
    try {
      String said =
          Files.readString(
              Path.of("/proc", Long.toString(process), "stat"), StandardCharsets.ISO_8859_1);
      return isStopped(said);
    } catch (IOException e) {
      return false; // it has ended
    }
  }

  /** The state stands behind the name, which may have parentheses of its own. */
  static boolean isStopped(String stat) {
    return stat.startsWith(") T", stat.lastIndexOf(')'));
  }
}
