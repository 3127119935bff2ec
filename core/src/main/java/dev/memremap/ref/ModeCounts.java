// SPDX-License-Identifier: Apache-2.0
package dev.memremap.ref;

import static dev.memremap.ref.CountWord.DEAD;
import static dev.memremap.ref.CountWord.EXITED;

import dev.memremap.internal.ref.Dependent;
import dev.memremap.internal.teardown.Failures;
import org.jspecify.annotations.Nullable;

/**
 * The part of a reference that switches modes, is revived after a kill, and exits.
 *
 * <p>The callers have touched the stack that these steps take: each can be part of a longer step,
 * which must not end in its middle.
 *
 * <p>Thread safety: {@code forceAtomic} is guarded by {@code lock}. {@code zeroAtExit} is written
 * under it before EXITED is set in the count's word, and read after EXITED was seen there.
 */
abstract sealed class ModeCounts extends KillableCounts permits PercpuRef {
  private final boolean allowReinit;
  private volatile boolean zeroAtExit;
  private boolean forceAtomic;

  ModeCounts(
      AtomicCount count, @Nullable Runnable release, boolean allowReinit, boolean forceAtomic) {
    super(count, release);
    this.allowReinit = allowReinit;
    this.forceAtomic = forceAtomic;
  }

  /** C-15, PR-10. */
  final void revive(boolean fromZero, String what) {
    synchronized (lock) {
      count.revive(fromZero, allowReinit || forceAtomic, !forceAtomic, what);
      if (!forceAtomic) {
        openPercpu();
      }
      revived();
    }
  }

  /** PR-9. */
  final void toAtomic(Runnable confirm) {
    boolean zero = false;
    synchronized (lock) {
      count.requireNotExited("switched");
      if (!isAtomic()) {
        zero = closeCells(0, 0, "switch");
      }
      forceAtomic = true;
    }
    Throwable failed = null;
    try {
      confirm.run();
    } catch (Throwable e) {
      failed = e;
    }
    if (zero) {
      try {
        drain.run();
      } catch (Throwable e) {
        failed = Failures.join(failed, e);
      }
    }
    Failures.rethrow(failed);
  }

  /** PR-8, PR-9. */
  final void toPercpu() {
    synchronized (lock) {
      count.requireNotExited("switched");
      if (count.has(DEAD) || !isAtomic()) {
        forceAtomic = false;
        return;
      }
      if (!allowReinit) {
        throw Misuse.mayNotLeaveAtomicMode("switched to per-CPU mode");
      }
      forceAtomic = false;
      // PR-8: the bias comes back before the cells open, so no drop in between sees zero
      count.bias();
      openPercpu();
    }
  }

  /** C-10. */
  final void end() {
    synchronized (lock) {
      if (count.has(EXITED)) {
        return;
      }
      Dependent dependent = drain.dependent();
      if (dependent != null) {
        throw Misuse.of(
            "the reference cannot be exited while %s lives by it; unmap that first"
                .formatted(dependent));
      }
      zeroAtExit = countsZero();
      if (!count.has(DEAD)) {
        traceInitial();
      }
      boolean percpu = !isAtomic();
      count.exit(percpu, percpu ? closePercpu() : 0);
    }
  }

  /** PR-11: whether the count is zero; after the exit, whether it was at the exit. */
  final boolean countsZero() {
    return count.has(EXITED) ? zeroAtExit : count.count() == 0;
  }
}
