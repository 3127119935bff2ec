// SPDX-License-Identifier: Apache-2.0
package dev.memremap.ref;

import static dev.memremap.ref.CountWord.RELEASING;
import static dev.memremap.ref.CountWord.TELLING;

import dev.memremap.internal.ref.Dependent;
import dev.memremap.internal.teardown.Failures;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
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
    Failures failures = new Failures();
    try {
      tellDependents(failures);
      if (release != null) {
        failures.attempt(release);
      }
    } finally {
      count.told(RELEASING);
      waiting.wake();
    }
    failures.rethrow();
  }

  private void tellDependents(Failures failures) {
    List<Dependent> drained;
    synchronized (this) {
      drained = List.copyOf(draining);
      draining.clear();
    }
    try {
      drained.forEach(dependent -> failures.attempt(dependent::drained));
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

  /** Takes an attach back. */
  synchronized void forget(Dependent dependent) {
    attached.remove(dependent);
  }

  private synchronized List<Dependent> attachedNow() {
    return List.copyOf(attached);
  }

  /**
   * What lives by the reference prepares for its kill, or all of it stays as it was.
   *
   * @throws IllegalStateException if something cannot
   */
  void prepareKill() {
    List<Dependent> all = attachedNow();
    int prepared = 0;
    try {
      for (Dependent each : all) {
        each.prepareKill();
        prepared++;
      }
    } finally {
      if (prepared < all.size()) {
        all.subList(0, prepared).forEach(Dependent::cancelKill);
      }
    }
  }

  void cancelKill() {
    attachedNow().forEach(Dependent::cancelKill);
  }

  void killed() {
    attachedNow().forEach(Dependent::killed);
  }

  void revived() {
    attachedNow().forEach(Dependent::revived);
  }

  /** Whether holds are out of something that lives by the reference, or will until it drains. */
  synchronized boolean isHeld() {
    return Stream.of(attached, draining).flatMap(List::stream).anyMatch(Dependent::isHeld);
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
    // the list may need room in the heap, and then nothing is changed
    draining.add(dependent);
    attached.remove(dependent);
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
