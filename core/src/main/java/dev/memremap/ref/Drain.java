// SPDX-License-Identifier: Apache-2.0
package dev.memremap.ref;

import static dev.memremap.ref.CountWord.RELEASING;
import static dev.memremap.ref.CountWord.TELLING;

import dev.memremap.internal.ref.Dependent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What happens when a count drops to zero: what lived by the reference is told, then the release
 * callback runs, then those who wait go on.
 *
 * <p>Thread safety: {@code attached} and {@code draining} are guarded by {@code this}; no callback
 * runs under it.
 */
final class Drain {
  private final AtomicCount count;
  private final @Nullable Runnable release;
  private final ZeroWait waiting = new ZeroWait();
  private final List<Dependent> attached = new ArrayList<>();
  private final List<Dependent> draining = new ArrayList<>();

  Drain(AtomicCount count, @Nullable Runnable release) {
    this.count = count;
    this.release = release;
  }

  /** Called by whoever dropped the last reference. */
  void run() {
    try {
      tellDependents();
      if (release != null) {
        release.run();
      }
    } finally {
      count.told(RELEASING);
      waiting.wake();
    }
  }

  private void tellDependents() {
    List<Dependent> drained;
    synchronized (this) {
      drained = List.copyOf(draining);
      draining.clear();
    }
    try {
      drained.forEach(Dependent::drained);
    } finally {
      count.told(TELLING);
    }
  }

  boolean await(Duration limit) throws InterruptedException {
    return waiting.await(count::isDrained, limit);
  }

  synchronized void attach(Dependent dependent) {
    attached.add(dependent);
  }

  /** Something that lives by the reference; null if nothing does. */
  synchronized @Nullable Dependent dependent() {
    return attached.isEmpty() ? null : attached.getFirst();
  }

  /** From now on the drop to zero tells it. */
  synchronized void detach(Dependent dependent) {
    if (!attached.remove(dependent)) {
      throw Misuse.of(dependent + " does not live by this reference");
    }
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
