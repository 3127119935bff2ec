// SPDX-License-Identifier: Apache-2.0
package dev.memremap.windows;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Callable;

/**
 * One run: the thread of the operation stops before one step until the other thread has done its
 * part, or has to wait for the operation. A place that is passed several times is one window, at
 * its first passing.
 *
 * <p>Thread safety: all fields belong to the operation's thread.
 */
final class Window {
  private final Thread operation = Thread.currentThread();
  private final int opensAt;
  private final Meanwhile other;
  private final Callable<Void> meanwhile;
  private final Set<Integer> passed = new HashSet<>();
  private int openedBefore = -1;

  /**
   * A window of the current thread.
   *
   * @param opensAt the number of the step, from 0, before which it opens
   */
  Window(int opensAt, Meanwhile other, Callable<Void> meanwhile) {
    this.opensAt = opensAt;
    this.other = other;
    this.meanwhile = meanwhile;
  }

  void step(int place) {
    if (other.isCurrent()) {
      other.step();
    } else if (Thread.currentThread() == operation
        && openedBefore < 0
        && passed.add(place)
        && passed.size() > opensAt) {
      openedBefore = place;
      other.begin(meanwhile);
    }
  }

  /** Whether the operation came as far as the window. */
  boolean wasOpened() {
    return openedBefore >= 0;
  }

  @Override
  public String toString() {
    return wasOpened()
        ? "meanwhile came before %s (step %d)".formatted(Steps.name(openedBefore), opensAt)
        : "meanwhile was never begun: step %d is beyond the last".formatted(opensAt);
  }
}
