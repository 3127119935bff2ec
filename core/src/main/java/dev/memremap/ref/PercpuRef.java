// SPDX-License-Identifier: Apache-2.0
package dev.memremap.ref;

import static dev.memremap.ref.CountWord.BIAS;
import static dev.memremap.ref.CountWord.DEAD;
import static dev.memremap.ref.CountWord.EXITED;

import dev.memremap.internal.ref.DependentAccess;
import dev.memremap.internal.stack.StackRoom;
import dev.memremap.spi.Membarrier;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A reference count that is cheap to take and to drop until it is killed: {@code percpu_ref}.
 *
 * <pre>
 *                 switchToAtomic              kill
 *       per-CPU  ----------------  atomic  ----------------  dead
 *                 switchToPercpu             reinit, resurrect
 * </pre>
 *
 * <p>In per-CPU mode each thread counts in a cell of its own, nobody sees the sum, and so nobody
 * sees it reach zero (C-14). A kill adds the cells up, gives the initial reference back and leaves
 * a plain atomic count, whose drop to zero runs the release callback, in the thread that put the
 * last reference.
 *
 * <p>{@code exit} ends the reference. Misuse (a put too many, a second kill, a get after the exit)
 * is an {@link IllegalStateException} that says what was wrong, and changes nothing (D-5).
 *
 * <p>Thread safety: all methods may be called from any thread.
 *
 * <ul>
 *   <li>The mode is changed under {@code lock} and only tells where to try first. Whether an
 *       addition to a cell counts is decided by the cell (see {@link PercpuCounts}), so a thread
 *       that read the mode long ago does no harm.
 *   <li>{@code count} has DEAD and EXITED in one word with the count (see {@link AtomicCount}), so
 *       that a {@link #tryGetLive} either comes before the kill or sees it. In per-CPU mode it
 *       holds a bias besides, which the cells' sum replaces in one step: no drop in between sees
 *       zero.
 *   <li>What a thread did before its put happens before the release callback: a put is a release
 *       store to the thread's cell, or an atomic operation; whoever closes takes each cell by an
 *       atomic operation (see {@link ThreadCells}, {@link StripedCounts}) before it changes the
 *       word, and the word's changes, all of them read-modify-write, form one chain down to the
 *       last.
 *   <li>The changes of mode are guarded by {@code lock}, and so is what must not come between an
 *       attach and an exit. No callback runs under it.
 * </ul>
 */
public final class PercpuRef extends ModeCounts {
  static {
    DependentAccess.give(new ReferenceAccess<>(PercpuRef.class));
  }

  /** How a reference begins, and what may become of it. */
  public enum Flag {
    /** It begins in atomic mode, and stays there: {@code PERCPU_REF_INIT_ATOMIC}. */
    INIT_ATOMIC,
    /** It begins dead, with no reference: {@code PERCPU_REF_INIT_DEAD}. */
    INIT_DEAD,
    /**
     * It may leave atomic mode again: {@code PERCPU_REF_ALLOW_REINIT}, which the two others imply.
     */
    ALLOW_REINIT
  }

  /** The largest number of references that one call takes or puts. */
  public static final long MOST_AT_ONCE = 1L << 56;

  private PercpuRef(@Nullable Runnable release, Set<Flag> flags) {
    super(begin(flags), release, !flags.isEmpty(), flags.contains(Flag.INIT_ATOMIC));
    if (!flags.contains(Flag.INIT_ATOMIC) && !flags.contains(Flag.INIT_DEAD)) {
      openPercpu();
    }
  }

  private static AtomicCount begin(Set<Flag> flags) {
    if (flags.contains(Flag.INIT_DEAD)) {
      return new AtomicCount(0, DEAD);
    }
    return new AtomicCount(flags.contains(Flag.INIT_ATOMIC) ? 1 : BIAS + 1, 0);
  }

  /** A reference nobody is told about when it drains: {@code percpu_ref_init}. */
  public static PercpuRef init(Flag... flags) {
    return new PercpuRef(null, Set.of(Objects.requireNonNull(flags, "flags")));
  }

  /**
   * A reference that is live and counts one, unless the flags say otherwise: {@code
   * percpu_ref_init} (PR-1).
   *
   * @param release run each time the count drops to zero where that is seen, by the thread that
   *     dropped it; it must not block for long
   * @throws IllegalArgumentException if a flag is given twice
   */
  public static PercpuRef init(Runnable release, Flag... flags) {
    Objects.requireNonNull(release, "release");
    return new PercpuRef(release, Set.of(Objects.requireNonNull(flags, "flags")));
  }

  // ---- get and put -------------------------------------------------------------------------

  /**
   * Takes a reference: {@code percpu_ref_get}. The caller holds one already, or knows that somebody
   * does; where the count is zero all the same, it is granted (C-14).
   *
   * @throws IllegalStateException after the exit (D-5)
   */
  public void get() {
    if (addPercpu(1)) {
      return;
    }
    getSlowly(1);
  }

  /**
   * Takes references: {@code percpu_ref_get_many}.
   *
   * @param n how many, from 1 to {@link #MOST_AT_ONCE}
   * @throws IllegalStateException after the exit (D-5)
   */
  public void getMany(long n) {
    requireCount(n);
    if (n <= MOST && addPercpu(n)) {
      return;
    }
    getSlowly(n);
  }

  private void getSlowly(long n) {
    count.add(n);
    traceTaken(n);
  }

  /**
   * Takes a reference unless there is none: {@code percpu_ref_tryget} (PR-3). Works on a killed
   * reference that somebody still holds.
   */
  public boolean tryGet() {
    if (addPercpu(1)) {
      return true;
    }
    return tryGetSlowly(1, EXITED);
  }

  /**
   * Takes references unless there are none: {@code percpu_ref_tryget_many}.
   *
   * @param n how many, from 1 to {@link #MOST_AT_ONCE}
   */
  public boolean tryGetMany(long n) {
    requireCount(n);
    if (n <= MOST && addPercpu(n)) {
      return true;
    }
    return tryGetSlowly(n, EXITED);
  }

  /**
   * Takes a reference unless it was killed or there is none: {@code percpu_ref_tryget_live} (PR-4).
   * Once {@link #kill} has returned, or the callback of {@link #killAndConfirm} was called, this
   * answers false.
   */
  public boolean tryGetLive() {
    if (addPercpu(1)) {
      return true;
    }
    return tryGetSlowly(1, DEAD | EXITED);
  }

  private boolean tryGetSlowly(long n, long unless) {
    if (!count.tryAdd(n, unless)) {
      return false;
    }
    traceTaken(n);
    return true;
  }

  /**
   * Drops a reference: {@code percpu_ref_put}. The drop to zero runs the release callback.
   *
   * @throws IllegalStateException if there is none to drop and that can be seen (C-14); the count
   *     stays as it was
   */
  public void put() {
    if (addPercpu(-1)) {
      return;
    }
    putSlowly(1);
  }

  /**
   * Drops references: {@code percpu_ref_put_many}.
   *
   * @param n how many, from 1 to {@link #MOST_AT_ONCE}
   * @throws IllegalStateException if there are fewer and that can be seen (C-14); the count stays
   *     as it was
   */
  public void putMany(long n) {
    requireCount(n);
    if (n <= MOST && addPercpu(-n)) {
      return;
    }
    putSlowly(n);
  }

  private void putSlowly(long n) {
    // read once: the tracing may begin meanwhile, and then the drop touches for itself
    boolean touched = isTracing();
    if (touched) {
      // an overflow after the trace's step would leave it one put ahead of the count
      StackRoom.touch();
    }
    tracePut(n);
    drop(n, touched);
  }

  private static void requireCount(long n) {
    if (n < 1 || n > MOST_AT_ONCE) {
      throw new IllegalArgumentException(
          "one call takes or puts 1 to 2^56 references, not " + Long.toUnsignedString(n));
    }
  }

  /**
   * Waits until the count has dropped to zero and the release callback has returned. In per-CPU
   * mode nobody sees zero, so it waits for the kill, too. (A get at zero while the callback runs,
   * C-14, may end the wait before the callback of the next drop has returned.)
   *
   * @param limit how long at most; zero looks once
   * @return whether the count is zero
   */
  public boolean awaitZero(Duration limit) throws InterruptedException {
    return drain.await(Objects.requireNonNull(limit, "limit"));
  }

  // ---- kill, and back ----------------------------------------------------------------------

  /**
   * Kills the reference and gives the initial one back: {@code percpu_ref_kill} (PR-5). From then
   * on {@link #tryGetLive} fails, and the last put runs the release callback.
   *
   * @throws IllegalStateException if it was killed already, if the initial reference was put
   *     already, or after the exit (D-5); or if the system refused the barrier (see {@link
   *     Membarrier}), and then nothing is changed
   */
  public void kill() {
    killAndConfirm(() -> {});
  }

  /**
   * The same: {@code percpu_ref_kill_and_confirm}.
   *
   * @param confirm run once no new {@link #tryGetLive} can succeed, before the initial reference is
   *     given back, by this thread
   */
  public void killAndConfirm(Runnable confirm) {
    Objects.requireNonNull(confirm, "confirm");
    StackRoom.touch();
    kill(false, tooMany -> confirm.run());
  }

  /**
   * Brings a drained reference back to life, with one reference: {@code percpu_ref_reinit} (PR-10,
   * C-15).
   *
   * @throws IllegalStateException if it is not dead, not at zero, was exited, or may not leave
   *     atomic mode (D-5)
   */
  public void reinit() {
    StackRoom.touch();
    revive(true, "reinitialised");
  }

  /**
   * Brings a killed reference back to life, with one more reference: {@code percpu_ref_resurrect}
   * (PR-10, C-15).
   *
   * @throws IllegalStateException if it is not dead, was exited, or may not leave atomic mode (D-5)
   */
  public void resurrect() {
    StackRoom.touch();
    revive(false, "resurrected");
  }

  // ---- modes -------------------------------------------------------------------------------

  /**
   * Adds the cells up and counts in one word from now on, through kills and reinits: {@code
   * percpu_ref_switch_to_atomic} (PR-9). If the count turns out to be zero, the release callback
   * runs (C-14). Never marks the reference dying (D-14).
   *
   * @throws IllegalStateException after the exit, or if the count turns out to be below zero (D-5)
   */
  public void switchToAtomic() {
    switchToAtomic(() -> {});
  }

  /**
   * The same.
   *
   * @param confirm run when the switch is complete, by this thread
   */
  public void switchToAtomic(Runnable confirm) {
    Objects.requireNonNull(confirm, "confirm");
    StackRoom.touch();
    toAtomic(confirm);
  }

  /**
   * The same, waited for: {@code percpu_ref_switch_to_atomic_sync}. Here every switch is complete
   * when it returns.
   */
  public void switchToAtomicSync() {
    switchToAtomic();
  }

  /**
   * Counts in cells again: {@code percpu_ref_switch_to_percpu} (PR-8, PR-9). A dead reference stays
   * atomic until it is reinitialised or resurrected.
   *
   * @throws IllegalStateException after the exit, or if the reference lives in atomic mode and was
   *     not allowed to leave it (C-15)
   */
  public void switchToPercpu() {
    StackRoom.touch();
    toPercpu();
  }

  /** Where it counts at present. */
  public Counting counting() {
    return where();
  }

  // ---- state -------------------------------------------------------------------------------

  /** Whether it was killed, or exited: {@code percpu_ref_is_dying}. */
  public boolean isDying() {
    return count.has(DEAD | EXITED);
  }

  /**
   * Whether the count is zero, which per-CPU mode hides: {@code percpu_ref_is_zero} (PR-11). After
   * the exit it is what it was at the exit (C-10).
   */
  public boolean isZero() {
    return countsZero();
  }

  /** Whether {@link #exit} was called. */
  public boolean isExited() {
    return count.has(EXITED);
  }

  /**
   * How many references there are, for tools: exact only while nobody takes or puts one. Negative
   * if somebody put one too many in per-CPU mode.
   */
  public long references() {
    synchronized (lock) {
      long shared = count.count();
      return isAtomic() ? shared : shared - BIAS + sumPercpu();
    }
  }

  /**
   * Ends the reference: {@code percpu_ref_exit} (C-10). It reads dying from then on and cannot be
   * taken; references still out can be put, and the last of them runs the release callback (D-4). A
   * second exit does nothing.
   *
   * @throws IllegalStateException if a page map lives by it (D-5)
   */
  public void exit() {
    StackRoom.touch();
    end();
  }

  @Override
  public String toString() {
    String state = count.has(EXITED) ? "exited" : count.has(DEAD) ? "dead" : "live";
    return "percpu_ref(%s, %s, %d)"
        .formatted(state, isAtomic() ? "atomic" : "percpu", references());
  }
}
