// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

/** Waiting for a process that is about to end. */
final class Processes {
  private Processes() {}

  /** Returns when it has ended; an interruption is kept for later. */
  static void awaitEnd(Process process) {
    boolean interrupted = false;
    while (true) {
      try {
        process.waitFor();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
