// SPDX-License-Identifier: Apache-2.0
package dev.memremap.ref;

import static dev.memremap.ref.CountWord.BIAS;
import static dev.memremap.ref.CountWord.DEAD;
import static dev.memremap.ref.CountWord.EXITED;

import dev.memremap.internal.ref.Dependent;
import dev.memremap.internal.teardown.Failures;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The part of a reference that is killed and drains, with its dependents.
 *
 * <p>A {@link Dependent} can have holds of its own, which no put of the reference touches. After a
 * kill no more are granted. While one is open, the initial reference is not given back, so the
 * reference does not drain before the last hold is closed, whatever was put.
 *
 * <p>Thread safety: {@code count} and {@code drain} say it themselves. {@code initialKept} is
 * guarded by {@code lock}. That the initial reference is given back is decided under it, by the
 * kill and by each dependent whose last hold ends: a hold that is closed before the kill looks is
 * not seen any more, and one that is closed after that finds {@code initialKept}. No callback of a
 * user runs under the lock.
 */
abstract sealed class KillableCounts extends PercpuCounts permits ModeCounts {
  final AtomicCount count;
  final Drain drain;
  private boolean initialKept;

  KillableCounts(AtomicCount count, @Nullable Runnable release) {
    this.count = count;
    this.drain = new Drain(count, release);
  }

  @Override
  final void takeIn(long sum) {
    count.takeIn(sum);
  }

  @Override
  final long anonymous() {
    long shared = isAtomic() ? count.count() : count.count() - BIAS;
    return shared - count.floor() - (count.has(DEAD | EXITED) ? 0 : 1);
  }

  /**
   * Drops references that were taken.
   *
   * @param touched whether the caller has touched the stack that a drop to zero takes
   */
  final void drop(long n, boolean touched) {
    AtomicCount.Dropped dropped = count.drop(n, touched);
    if (dropped == AtomicCount.Dropped.REFUSED) {
      synchronized (lock) {
        dropped = count.drop(n, touched);
      }
    }
    switch (dropped) {
      case SOME_LEFT -> {}
      case NONE_LEFT -> drain.run();
      case REFUSED -> throw AtomicCount.tooMany(n);
    }
  }

  /** Puts references for a caller that has touched the stack that a drop to zero takes. */
  final void putTouched(long n) {
    if (n <= MOST && addPercpu(-n)) {
      return;
    }
    tracePut(n);
    drop(n, true);
  }

  /**
   * Kills it. The caller has touched the stack that this takes.
   *
   * @param anyway forgive puts that were too many, and a kill that came before
   * @param confirm called before the initial reference is given back, if this call killed it, with
   *     the number of puts that were too many; 0 unless they are forgiven
   */
  final void kill(boolean anyway, LongConsumer confirm) {
    long tooMany;
    synchronized (lock) {
      boolean dying = count.has(DEAD | EXITED);
      if (dying && anyway) {
        return;
      }
      if (!dying) {
        drain.prepareKill();
      }
      boolean killed = false;
      try {
        tooMany = die(anyway);
        killed = true;
      } finally {
        if (!killed && !dying) {
          drain.cancelKill();
        }
      }
      drain.killed();
    }
    // nothing is allocated from here on: a full heap would keep the initial reference
    Throwable failed = null;
    try {
      confirm.accept(tooMany);
    } catch (Throwable e) {
      failed = e;
    }
    try {
      giveInitialBack();
    } catch (Throwable e) {
      failed = Failures.join(failed, e);
    }
    Failures.rethrow(failed);
  }

  private long die(boolean anyway) {
    if (anyway) {
      return count.killAnyway(isAtomic() ? 0 : closePercpu() - BIAS);
    }
    if (isAtomic()) {
      count.kill();
    } else {
      closeCells(1, DEAD, "kill");
    }
    return 0;
  }

  /**
   * PR-7: adds the cells up. Called under the lock, in per-CPU mode.
   *
   * @param least how many references there must be at least, else all stays as it was
   * @param flags the word's flags from then on
   * @return whether the count is zero
   */
  final boolean closeCells(long least, long flags, String step) {
    long settled = count.settle(closePercpu(), least, flags);
    if (settled < least) {
      openPercpu();
      throw AtomicCount.tooSmall(settled, step);
    }
    return settled == 0 && count.floor() == 0;
  }

  private void giveInitialBack() {
    boolean zero;
    synchronized (lock) {
      if (drain.isHeld() && !initialKept) {
        initialKept = true;
        return;
      }
      zero = count.giveBack(1);
    }
    if (zero) {
      drain.run();
    }
  }

  /** {@code DependentAccess.noLongerHeld}. */
  final void noLongerHeld() {
    boolean zero;
    synchronized (lock) {
      zero = giveKeptBack();
    }
    if (zero) {
      drain.run();
    }
  }

  private boolean giveKeptBack() {
    if (!initialKept || drain.isHeld()) {
      return false;
    }
    initialKept = false;
    return count.giveBack(1);
  }

  /** {@code DependentAccess.keepsInitial}. */
  final boolean keepsInitial() {
    synchronized (lock) {
      return initialKept;
    }
  }

  /** C-15: what lives by it can be held again. Called under the lock, once it lives again. */
  final void revived() {
    drain.revived();
    // the new life's initial reference is there, so this drops to no zero
    giveKeptBack();
  }

  /** {@code DependentAccess.attach}. */
  final boolean attach(Dependent dependent, long references) {
    synchronized (lock) {
      if (count.has(DEAD | EXITED)) {
        return false;
      }
      // the list may need room in the heap, and then nothing is changed
      drain.attach(dependent);
      boolean added = false;
      try {
        count.addProtected(references);
        added = true;
      } finally {
        if (!added) {
          drain.forget(dependent);
        }
      }
      return true;
    }
  }

  /** {@code DependentAccess.undoAttach}. */
  final void undoAttach(Dependent dependent, long references) {
    boolean zero;
    synchronized (lock) {
      drain.forget(dependent);
      zero = references > 0 && count.giveBack(references);
    }
    if (zero) {
      // it was killed meanwhile, and these were the last references
      drain.run();
    }
  }

  /** {@code DependentAccess.detach}. */
  final void detach(Dependent dependent, long references) {
    boolean zero;
    synchronized (lock) {
      if (!count.has(DEAD | EXITED)) {
        throw Misuse.of("the reference lives; kill it before " + dependent + " lets it go");
      }
      drain.detach(dependent);
      zero = references > 0 && count.giveBack(references);
    }
    if (zero) {
      drain.run();
    }
    drain.tellIfDrained(dependent);
  }
}
