// SPDX-License-Identifier: Apache-2.0
package dev.memremap.serve;

import java.time.Duration;

/**
 * What is known of a subject that changes, for those that wait until it does.
 *
 * <p>Thread safety: {@code this} guards the pulse.
 */
final class LatestPulse {
  private Pulse pulse;

  LatestPulse(Pulse first) {
    this.pulse = first;
  }

  synchronized Pulse get() {
    return pulse;
  }

  synchronized void set(Pulse next) {
    pulse = next;
    notifyAll();
  }

  /** Returns what is known, as soon as it is something else than this, or after so long. */
  synchronized Pulse otherThan(Pulse told, Duration patience) throws InterruptedException {
    long end = System.nanoTime() + patience.toNanos();
    for (long left = patience.toMillis(); left > 0; left = (end - System.nanoTime()) / 1_000_000) {
      if (!pulse.equals(told)) {
        break;
      }
      wait(left);
    }
    return pulse;
  }
}
