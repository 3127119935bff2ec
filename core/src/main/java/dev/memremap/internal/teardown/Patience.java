// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.teardown;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Objects;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * How long one teardown waits for others, and what it says meanwhile. It says what holds it after
 * the first second of a wait, and then every ten.
 *
 * <p>A limit counts from the moment the patience is made, over all waits together. Where an
 * interrupt ends the patience, no wait after it takes time; where it does not, it is kept for the
 * thread.
 *
 * <p>Thread safety: one thread waits with it.
 */
public final class Patience {
  /** What is waited for. */
  @FunctionalInterface
  public interface Event {
    /**
     * Waits for it.
     *
     * @param nanos how long at most; zero or less looks once
     * @return whether it has come
     */
    boolean await(long nanos) throws InterruptedException;
  }

  /**
   * When a wait says what holds it, and by which clock.
   *
   * @param firstNanos after the beginning of a wait
   * @param everyNanos after the time before
   * @param nanoTime the clock
   */
  public record Rhythm(long firstNanos, long everyNanos, LongSupplier nanoTime) {
    /** After a second, and then every ten. */
    static final Rhythm USUAL = new Rhythm(1_000_000_000L, 10_000_000_000L, System::nanoTime);
  }

  private static final int NANO_DIGITS = 9;

  private final Rhythm rhythm;
  private final boolean limited;
  private final long limitNanos;
  private final long deadline;
  private final boolean interruptible;
  private boolean interrupted;

  private Patience(Rhythm rhythm, boolean limited, long limitNanos, boolean interruptible) {
    this.rhythm = rhythm;
    this.limited = limited;
    this.limitNanos = limitNanos;
    this.deadline = limited ? rhythm.nanoTime.getAsLong() + limitNanos : 0;
    this.interruptible = interruptible;
  }

  /** Waits for as long as it takes, and lets no interrupt end it. */
  public static Patience unlimited() {
    return unlimited(Rhythm.USUAL);
  }

  /** Waits for as long as it takes, with another rhythm. */
  public static Patience unlimited(Rhythm rhythm) {
    return new Patience(rhythm, false, 0, false);
  }

  /** Waits for a time, and lets no interrupt end it. */
  public static Patience upTo(Duration limit) {
    return new Patience(Rhythm.USUAL, true, nanos(limit), false);
  }

  /** Waits for a time, and an interrupt ends it. */
  public static Patience interruptible(Duration limit) {
    return interruptible(Objects.requireNonNull(limit, "limit"), Rhythm.USUAL);
  }

  /** Waits for a time, with another rhythm, and an interrupt ends it. */
  public static Patience interruptible(Duration limit, Rhythm rhythm) {
    return new Patience(rhythm, true, nanos(limit), true);
  }

  /** A duration in nanoseconds, from none to about 146 years. */
  private static long nanos(Duration limit) {
    if (limit.isNegative()) {
      return 0;
    }
    try {
      return Math.min(limit.toNanos(), Long.MAX_VALUE / 2);
    } catch (ArithmeticException centuries) {
      return Long.MAX_VALUE / 2;
    }
  }

  /**
   * Waits, without any lock held by the caller.
   *
   * @param holds what holds the event up, asked for when it is said
   * @return false if the limit passed, or an interrupt came, before the event
   */
  public boolean await(Event event, Supplier<String> holds) {
    boolean keptInterrupt = false;
    long began = rhythm.nanoTime.getAsLong();
    long sayAfter = rhythm.firstNanos;
    try {
      while (true) {
        long now = rhythm.nanoTime.getAsLong();
        long untilSaying = sayAfter - (now - began);
        long left = interrupted ? 0 : limited ? deadline - now : Long.MAX_VALUE;
        try {
          if (event.await(Math.min(left, Math.max(untilSaying, 0)))) {
            return true;
          }
        } catch (InterruptedException e) {
          interrupted |= interruptible;
          keptInterrupt |= !interruptible;
          continue;
        }
        if (left <= untilSaying || left <= 0) {
          return false;
        }
        Log.warn(holds.get());
        sayAfter += rhythm.everyNanos;
      }
    } finally {
      if (keptInterrupt) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * How long it was waited, for a sentence that goes on with what holds it: {@code , and after 1.5
   * s}; a limit of zero does not wait.
   */
  public String waited() {
    if (interrupted) {
      return ", and when the wait was interrupted";
    }
    return limitNanos > 0
        ? ", and after %s s"
            .formatted(
                BigDecimal.valueOf(limitNanos, NANO_DIGITS).stripTrailingZeros().toPlainString())
        : " without a wait, and";
  }

  /**
   * Throws if an interrupt ended a wait.
   *
   * @param failures what failed by that, and otherwise
   */
  public void rethrowInterrupt(Failures failures) throws InterruptedException {
    if (interrupted) {
      InterruptedException thrown =
          new InterruptedException("interrupted while it waited; all else was released");
      Throwable failure = failures.first();
      if (failure != null) {
        thrown.addSuppressed(failure);
      }
      throw thrown;
    }
  }
}
