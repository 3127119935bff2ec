// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import dev.memremap.internal.ref.Dependent;
import dev.memremap.internal.ref.DependentAccess;
import dev.memremap.internal.stack.StackRoom;
import dev.memremap.internal.teardown.Failures;
import dev.memremap.ref.Holder;
import dev.memremap.ref.PercpuRef;
import java.util.List;
import java.util.Objects;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The part of a page map's life that keeps count of its users: by its reference, which any code can
 * put, and by holds, which only their owners close.
 *
 * <p>Holds are counted by a second reference, which is made for the first of them. Only {@link
 * #hold} and {@link #unhold} take and put it, so no put of other code drops a hold. It dies and
 * lives again with the map's reference (see {@link Dependent}). It is killed under that one's lock,
 * and after that {@code hold} grants nothing. As long as holds are out then, the map's reference
 * keeps its initial reference, and does not drain.
 *
 * <p>Thread safety: {@code holds} is volatile, and written once under {@code holding}, which also
 * guards {@code dying}, {@code dead} and {@code tracing}, which the end of a hold reads without it,
 * to know how much stack it may take. A thread takes {@code holding} after the lock of the map's
 * reference, never before it, and before the lock of {@code holds}. The kill of {@code holds} may
 * call {@link #lastHoldClosed} under {@code holding}; its thread has the lock of the map's
 * reference then. A hold counts by one addition to {@code holds}, which comes before its kill and
 * is seen by it, or after it and is refused. Between the two kills a hold is refused, too, so a
 * thread that saw the map's reference dead gets none.
 *
 * <p>{@code changingTrace} is held while the tracing begins or ends, so that no other change comes
 * between those of the two references. It is taken before their locks and {@code holding}.
 */
abstract sealed class LifeHolds implements Dependent permits PagemapLife {
  private static final DependentAccess<PercpuRef> REFERENCES = DependentAccess.to(PercpuRef.class);

  private final PercpuRef ref;

  /** Beside {@code ref}: each lookup reads both, and so finds them in one line of the cache. */
  volatile LifePhase phase = LifePhase.MAPPED;

  private final Object holding = new Object();
  private final Object changingTrace = new Object();
  private volatile @Nullable PercpuRef holds;
  private boolean dying;
  private boolean dead;
  private volatile boolean tracing;

  LifeHolds(PercpuRef ref) {
    this.ref = ref;
  }

  public final PercpuRef ref() {
    return ref;
  }

  /**
   * Lives by the reference from now on, with references of its own.
   *
   * @return false if the reference is dying, and then nothing was taken
   */
  final boolean attach(long own) {
    return REFERENCES.attach(ref, this, own);
  }

  /** Takes {@link #attach} back: gives its own references back, and does not drain. */
  final void undoAttach(long own) {
    REFERENCES.undoAttach(ref, this, own);
  }

  /** Gives its own references back; the life drains when the last other one is put. */
  final void detach(long own) {
    REFERENCES.detach(ref, this, own);
  }

  /**
   * Kills the reference, whatever was put. One that is dying already is passed over.
   *
   * <p>What is thrown is the system's refusal of the barrier, and then nothing was killed, or it is
   * a failure of the caller's release callback.
   *
   * @param killed called where this killed it, with the number of puts that were too many
   */
  final void killReference(LongConsumer killed) {
    REFERENCES.killAnyway(ref, killed);
  }

  /**
   * Puts references. The step that took them has touched the stack.
   *
   * @param n how many, 1 or more
   */
  public final void put(long n) {
    REFERENCES.put(ref, n);
  }

  /**
   * Puts references after a step that they were taken for, and throws what the step threw. A
   * failure of the put, which may run a user's release callback, is suppressed in that. Nothing is
   * allocated, so a full heap does not keep the references from being put.
   *
   * @param n how many, 1 or more
   * @param failed what the step threw; null if it returned
   */
  public final void putAfter(long n, @Nullable Throwable failed) {
    Throwable thrown = failed;
    try {
      put(n);
    } catch (Throwable e) {
      thrown = Failures.join(thrown, e);
    }
    Failures.rethrow(thrown);
  }

  /** Ends the reference, whose map is over. */
  public final void exit() {
    REFERENCES.exit(ref);
  }

  /** Holds the map, wherever {@link PercpuRef#tryGetLive} would take a reference. */
  public final boolean hold() {
    PercpuRef there = holds;
    if (there == null) {
      there = firstHolds();
    }
    if (there == null || !there.tryGetLive()) {
      return false;
    }
    if (ref.isDying() || ref.isZero()) {
      // its kill comes to the holds next, or its last reference was put too early
      REFERENCES.put(there, 1);
      return false;
    }
    return true;
  }

  private @Nullable PercpuRef firstHolds() {
    synchronized (holding) {
      PercpuRef there = holds;
      if (there == null && !dead) {
        there =
            dying
                ? PercpuRef.init(
                    this::lastHoldClosed, PercpuRef.Flag.INIT_ATOMIC, PercpuRef.Flag.ALLOW_REINIT)
                : PercpuRef.init(this::lastHoldClosed, PercpuRef.Flag.ALLOW_REINIT);
        REFERENCES.trace(there, tracing);
        holds = there;
      }
      return there;
    }
  }

  /** Ends a hold; the last one of a killed map lets it drain. */
  public final void unhold() {
    REFERENCES.put(Objects.requireNonNull(holds), 1);
  }

  /**
   * Whether the end of a hold takes more stack than that of most: where the last one ends the map,
   * and where it is traced.
   */
  public final boolean takesMoreStack() {
    return tracing || ref.isDying();
  }

  private void lastHoldClosed() {
    REFERENCES.noLongerHeld(ref);
  }

  /** How many references and holds are out, without the initial reference. */
  final long references() {
    long initial = ref.isDying() ? 0 : 1;
    // a reference that lives again has two while a map of its last life is held
    long kept = REFERENCES.keepsInitial(ref) ? 1 : 0;
    return ref.references() - initial - kept + holdsOut();
  }

  private long holdsOut() {
    PercpuRef there = holds;
    return there == null ? 0 : there.references() - (there.isDying() ? 0 : 1);
  }

  /**
   * Starts or stops recording where references and holds are taken. Both references are traced, or
   * neither: stopping needs no barrier, so it cannot be refused.
   *
   * @throws IllegalStateException if the system refused the barrier; nothing changes then
   */
  public final void trace(boolean on) {
    StackRoom.touch();
    synchronized (changingTrace) {
      boolean before = traceHolds(on);
      boolean traced = false;
      try {
        REFERENCES.trace(ref, on);
        traced = true;
      } finally {
        if (!traced) {
          traceHolds(before);
        }
      }
    }
  }

  /**
   * Traces the holds, or stops.
   *
   * @return whether they were traced before
   */
  private boolean traceHolds(boolean on) {
    synchronized (holding) {
      if (holds != null) {
        REFERENCES.trace(holds, on);
      }
      boolean before = tracing;
      tracing = on;
      return before;
    }
  }

  /** The holders of references and holds, as far as they are traced. */
  public final List<Holder> holders() {
    return Stream.concat(ref.holders().stream(), holdHolders().stream()).toList();
  }

  /** The holders of holds, as far as they are traced. */
  public final List<Holder> holdHolders() {
    PercpuRef there = holds;
    return there == null ? List.of() : there.holders();
  }

  /** In atomic mode it can be killed without a barrier, which the system might refuse. */
  @Override
  public final void prepareKill() {
    synchronized (holding) {
      if (holds != null) {
        REFERENCES.switchToAtomic(holds);
      }
      dying = true;
    }
  }

  @Override
  public final void cancelKill() {
    synchronized (holding) {
      dying = false;
      if (holds != null) {
        REFERENCES.switchToPercpu(holds);
      }
    }
  }

  @Override
  public final void killed() {
    synchronized (holding) {
      dead = true;
      if (holds != null) {
        REFERENCES.kill(holds);
      }
    }
  }

  @Override
  public final void revived() {
    synchronized (holding) {
      dying = false;
      dead = false;
      if (holds != null) {
        REFERENCES.resurrect(holds);
        REFERENCES.switchToPercpu(holds);
      }
    }
  }

  @Override
  public final boolean isHeld() {
    PercpuRef there = holds;
    return there != null && there.isDying() && !there.isZero();
  }
}
