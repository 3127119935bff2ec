// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Lock;

/**
 * Until when something is tried.
 *
 * @param nanos as {@link System#nanoTime} counts
 */
record Deadline(long nanos) {
  static Deadline in(Duration time) {
    return new Deadline(System.nanoTime() + time.toNanos());
  }

  boolean isPast() {
    return left() == 0;
  }

  /** Nanoseconds; 0 if it is past. */
  long left() {
    return Math.max(0, nanos - System.nanoTime());
  }

  long leftMillis() {
    return TimeUnit.NANOSECONDS.toMillis(left());
  }

  /**
   * Waits for an answer; an interrupt is kept for later.
   *
   * @throws ExecutionException with what the answer is, if it is a failure
   */
  <T> T await(CompletionStage<T> answer) throws ExecutionException, TimeoutException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return answer.toCompletableFuture().get(left(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Waits for a lock; an interrupt is kept for later.
   *
   * @return whether it was free in time
   */
  boolean lock(Lock lock) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return lock.tryLock(left(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
