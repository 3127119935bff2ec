// SPDX-License-Identifier: Apache-2.0
package dev.memremap.ref;

import static dev.memremap.ref.CountWord.RELEASING;
import static dev.memremap.ref.CountWord.TELLING;

import dev.memremap.internal.ref.Dependent;
import dev.memremap.internal.teardown.Failures;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs what happens when a count drops to zero: page maps that lived by the reference are told,
 * then the release callback runs, then waiting threads go on.
 *
 * <p>Thread safety: {@code attached} and {@code draining} are guarded by {@code this}; no callback
 * runs under it. {@code attached} is changed under the reference's lock, too, so it stays as it is
 * while a kill or a revival, which have that lock, goes through it.
 *
 * <p>After the drop to zero nothing is allocated, so that a full heap cannot keep the release from
 * running, or waiting threads from going on.
 */
final class Drain {
  private final AtomicCount count;
  private final @Nullable Runnable release;
  private final ZeroWait waiting = new ZeroWait();
  private final List<Dependent> attached = new ArrayList<>();

  /** Made with capacity 0: ensureCapacity(10) or less does nothing on a default ArrayList. */
  private final ArrayList<Dependent> draining = new ArrayList<>(0);

  Drain(AtomicCount count, @Nullable Runnable release) {
    this.count = count;
    this.release = release;
  }

  /** Called by the thread that dropped the last reference. */
  void run() {
    Throwable failed = null;
    try {
      failed = tellDependents();
      if (release != null) {
        try {
          release.run();
        } catch (Throwable e) {
          failed = Failures.join(failed, e);
        }
      }
    } finally {
      count.told(RELEASING);
      waiting.wake();
    }
    Failures.rethrow(failed);
  }

  /**
   * Tells what drained with it.
   *
   * @return the first failure; null if none failed
   */
  private @Nullable Throwable tellDependents() {
    Throwable failed = null;
    try {
      for (Dependent drained = takeFirst(); drained != null; drained = takeFirst()) {
        try {
          drained.drained();
        } catch (Throwable e) {
          failed = Failures.join(failed, e);
        }
      }
    } finally {
      count.told(TELLING);
    }
    return failed;
  }

  private synchronized @Nullable Dependent takeFirst() {
    return draining.isEmpty() ? null : draining.removeFirst();
  }

  boolean await(Duration limit) throws InterruptedException {
    return waiting.await(count::isDrained, limit);
  }

  synchronized void attach(Dependent dependent) {
    // its detach then needs no room in the heap
    draining.ensureCapacity(draining.size() + attached.size() + 1);
    attached.add(dependent);
  }

  /** Takes an attach back. */
  synchronized void forget(Dependent dependent) {
    attached.remove(dependent);
  }

  /** The dependent at this index; null past the last. */
  private synchronized @Nullable Dependent attached(int index) {
    return index < attached.size() ? attached.get(index) : null;
  }

  /**
   * Prepares all dependents for the kill, or leaves all as they were.
   *
   * @throws IllegalStateException if something cannot
   */
  void prepareKill() {
    int prepared = 0;
    boolean all = false;
    try {
      for (Dependent each = attached(0); each != null; each = attached(prepared)) {
        each.prepareKill();
        prepared++;
      }
      all = true;
    } finally {
      if (!all) {
        cancelKill(prepared);
      }
    }
  }

  void cancelKill() {
    cancelKill(Integer.MAX_VALUE);
  }

  private void cancelKill(int prepared) {
    Dependent each;
    for (int i = 0; i < prepared && (each = attached(i)) != null; i++) {
      each.cancelKill();
    }
  }

  void killed() {
    Dependent each;
    for (int i = 0; (each = attached(i)) != null; i++) {
      each.killed();
    }
  }

  void revived() {
    Dependent each;
    for (int i = 0; (each = attached(i)) != null; i++) {
      each.revived();
    }
  }

  /** Whether holds are out of something that lives by the reference, or will until it drains. */
  synchronized boolean isHeld() {
    return isAnyHeld(attached) || isAnyHeld(draining);
  }

  private static boolean isAnyHeld(List<Dependent> dependents) {
    for (int i = 0; i < dependents.size(); i++) {
      if (dependents.get(i).isHeld()) {
        return true;
      }
    }
    return false;
  }

  /** Something that lives by the reference; null if nothing does. */
  synchronized @Nullable Dependent dependent() {
    return attached.isEmpty() ? null : attached.getFirst();
  }

  /** From now on the drop to zero tells it. */
  synchronized void detach(Dependent dependent) {
    if (!attached.contains(dependent)) {
      throw Misuse.of(dependent + " does not live by this reference");
    }
    attached.remove(dependent);
    draining.add(dependent);
  }

  /** Tells it at once where the count is zero already: that will not drop to zero again. */
  void tellIfDrained(Dependent dependent) {
    if (count.count() == 0 && take(dependent)) {
      dependent.drained();
    }
  }

  private synchronized boolean take(Dependent dependent) {
    return draining.remove(dependent);
  }
}
