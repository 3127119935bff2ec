// SPDX-License-Identifier: Apache-2.0
package dev.memremap.ref;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * The threads that wait for a reference to drain.
 *
 * <p>Thread safety: a waiter counts itself, then reads the count word; the end of a release changes
 * the count word, then reads the number of waiters. Both are volatile, so one of them sees the
 * other.
 */
final class ZeroWait {
  private final AtomicInteger waiters = new AtomicInteger();

  /**
   * Waits until it has drained.
   *
   * @return false if the limit passed before
   */
  boolean await(BooleanSupplier drained, Duration limit) throws InterruptedException {
    long end = System.nanoTime() + nanos(limit);
    waiters.incrementAndGet();
    try {
      synchronized (this) {
        while (!drained.getAsBoolean()) {
          long left = end - System.nanoTime();
          if (left <= 0) {
            return false;
          }
          // rounded up: a wait of 0 ms would have no end
          wait(left / 1_000_000 + 1);
        }
        return true;
      }
    } finally {
      waiters.decrementAndGet();
    }
  }

  /** Wakes them. */
  void wake() {
    if (waiters.get() > 0) {
      synchronized (this) {
        notifyAll();
      }
    }
  }

  private static long nanos(Duration limit) {
    try {
      return Math.min(limit.toNanos(), Long.MAX_VALUE / 2);
    } catch (ArithmeticException centuries) {
      return limit.isNegative() ? 0 : Long.MAX_VALUE / 2;
    }
  }
}
