// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.ref;

import java.lang.invoke.MethodHandles;
import java.util.Objects;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Lets something live by a reference. The type of references extends this, and hands it over when
 * it is initialized; this package names no such type, so it lies below.
 *
 * <p>Each of these steps belongs to a longer one that must not end in its middle, so none touches
 * the stack for room: the caller did that before the longer one began.
 *
 * <p>Thread safety: immutable. {@code given} is written once, by the initializer of the type of
 * references, and read after that has run.
 *
 * @param <R> the type of references
 */
public abstract class DependentAccess<R> {
  private static @Nullable DependentAccess<?> given;

  private final Class<R> type;

  /** For the type of references. */
  protected DependentAccess(Class<R> type) {
    this.type = type;
  }

  /** Hands it over to the engine. */
  public static void give(DependentAccess<?> access) {
    given = access;
  }

  /** The access to references of this type, which is initialized if it was not yet. */
  @SuppressWarnings("unchecked") // it says itself what it is the access to
  public static <R> DependentAccess<R> to(Class<R> type) {
    try {
      MethodHandles.privateLookupIn(type, MethodHandles.lookup()).ensureInitialized(type);
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
    DependentAccess<?> access = Objects.requireNonNull(given);
    if (!access.type.equals(type)) {
      throw new IllegalArgumentException("nothing lives by a " + type.getName());
    }
    return (DependentAccess<R>) access;
  }

  /**
   * Lets something live by a reference, with references of its own.
   *
   * @param references how many it takes, 0 or more; they appear in no trace
   * @return false if the reference is dying, and then nothing was taken
   */
  public abstract boolean attach(R reference, Dependent dependent, long references);

  /**
   * Takes an {@link #attach} back where what was to live by the reference did not come to be: gives
   * its references back, and tells it nothing.
   *
   * @param references how many it took
   */
  public abstract void undoAttach(R reference, Dependent dependent, long references);

  /**
   * Lets it go: gives its references back, and tells it once the count is zero, which may be at
   * once. The reference must have been killed.
   *
   * @param references how many it took
   * @throws IllegalStateException if it is not attached, or the reference was not killed
   */
  public abstract void detach(R reference, Dependent dependent, long references);

  /**
   * Kills a reference for what lives by it. Puts that were too many are forgiven: what they took is
   * added again, so that the reference drains when its last holder has put. One that is dying
   * already stays as it is.
   *
   * @param killed called, while no lock is held, once this has killed the reference and before the
   *     initial one is given back; it is told how many puts were too many
   * @throws IllegalStateException if the system refused the barrier; then nothing was changed
   */
  public abstract void killAnyway(R reference, LongConsumer killed);

  /**
   * As {@code PercpuRef.putMany}.
   *
   * @param n how many, 1 or more
   */
  public abstract void put(R reference, long n);

  /** As {@code PercpuRef.trace}. */
  public abstract void trace(R reference, boolean on);

  /** As {@code PercpuRef.kill}. */
  public abstract void kill(R reference);

  /** As {@code PercpuRef.resurrect}. */
  public abstract void resurrect(R reference);

  /** As {@code PercpuRef.switchToAtomic}. */
  public abstract void switchToAtomic(R reference);

  /** As {@code PercpuRef.switchToPercpu}. */
  public abstract void switchToPercpu(R reference);

  /** As {@code PercpuRef.exit}. */
  public abstract void exit(R reference);

  /** The last hold of something that lives by a killed reference was closed. */
  public abstract void noLongerHeld(R reference);

  /** Whether a killed reference still has its initial reference, since holds are out. */
  public abstract boolean keepsInitial(R reference);
}
