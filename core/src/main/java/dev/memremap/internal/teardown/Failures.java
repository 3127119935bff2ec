// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.teardown;

import org.jspecify.annotations.Nullable;

/**
 * The failures of several steps that all run, whatever becomes of the others. A step may be a
 * user's, so anything can be thrown: an {@link Error}, or a checked exception that no signature
 * names.
 *
 * <p>Thread safety: none; one thread runs the steps.
 */
public final class Failures {
  private @Nullable Throwable first;

  /** Runs a step, and keeps what it throws. */
  public void attempt(Runnable step) {
    try {
      step.run();
    } catch (Throwable e) {
      add(e);
    }
  }

  /**
   * Adds a failure; the first one carries the later ones as suppressed, as far as the heap has
   * room.
   */
  public void add(Throwable failure) {
    first = join(first, failure);
  }

  /**
   * The first of two failures, which carries the later one as suppressed, as far as the heap has
   * room. It is for steps that may find no room for a {@code Failures}.
   *
   * @param earlier null if nothing failed before
   */
  @SuppressWarnings("ReferenceEquality") // an exception cannot suppress itself
  public static Throwable join(@Nullable Throwable earlier, Throwable later) {
    if (earlier == null) {
      return later;
    }
    if (earlier != later) {
      try {
        earlier.addSuppressed(later);
      } catch (OutOfMemoryError noRoom) {
        // the first failure is thrown without this one: the other steps matter more
      }
    }
    return earlier;
  }

  /** The first failure, which carries the others; null if nothing failed. */
  public @Nullable Throwable first() {
    return first;
  }

  /** Throws the first failure as it is, if there is one. */
  public void rethrow() {
    rethrow(first);
  }

  /** Throws a failure as it is; null is nothing to throw. */
  public static void rethrow(@Nullable Throwable failure) {
    if (failure != null) {
      Failures.<RuntimeException>raise(failure);
    }
  }

  /** The compiler takes T for a RuntimeException, so a checked exception passes, too. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <T extends Throwable> void raise(Throwable failure) throws T {
    throw (T) failure;
  }
}
