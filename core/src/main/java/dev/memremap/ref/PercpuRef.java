// SPDX-License-Identifier: Apache-2.0
package dev.memremap.ref;

import static dev.memremap.ref.CountWord.BIAS;
import static dev.memremap.ref.CountWord.DEAD;
import static dev.memremap.ref.CountWord.EXITED;

import dev.memremap.internal.ref.DependentAccess;
import dev.memremap.internal.stack.StackRoom;
import dev.memremap.rule.Rule;
import dev.memremap.spi.Membarrier;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Counts references cheaply until it is killed, then exactly: {@code percpu_ref}.
 *
 * <pre>
 *                 switchToAtomic              kill
 *       per-CPU  ----------------  atomic  ----------------  dead
 *                 switchToPercpu             reinit, resurrect
 * </pre>
 *
 * <p>In per-CPU mode each thread counts in its own cell. The sum is not known, so a count of zero
 * goes unnoticed ({@link Rule#C_14 C-14}). A kill adds the cells up, gives the initial reference
 * back and leaves one atomic count; the thread that drops it to zero runs the release callback.
 *
 * <p>{@link #exit} ends the reference. Misuse (a put too many, a second kill, a get after the exit)
 * changes nothing, and throws an {@link IllegalStateException} that says what was wrong ({@link
 * Rule#D_5 D-5}).
 *
 * <p>Thread safety: all methods may be called from any thread. What a thread did before its put
 * happens before the release callback.
 */
public final class PercpuRef extends ModeCounts {
  /*
   * The mode is changed under the lock and only tells where to try first. Whether an addition to a
   * cell counts is decided by the cell (see PercpuCounts), so a thread that read the mode long ago
   * does no harm.
   *
   * The count has DEAD and EXITED in one word with the count (see AtomicCount), so that a
   * tryGetLive
   * either comes before the kill or sees it. In per-CPU mode the word includes a bias, which the
   * sum
   * of the cells replaces in one step: no drop in between sees zero.
   *
   * What a thread did before its put happens before the release callback: a put is a release store
   * to the thread's cell, or an atomic operation. The closing thread takes each cell by an atomic
   * operation (see ThreadCells, StripedCounts) before it changes the word, and the changes of the
   * word, all of them read-modify-write, form one chain down to the last.
   *
   * The lock guards the changes of mode, and keeps an attach and an exit apart. No callback runs
   * under it.
   */
  static {
    DependentAccess.give(new ReferenceAccess<>(PercpuRef.class));
  }

  /** The initial mode of a reference, and whether it can leave atomic mode. */
  public enum Flag {
    /** Starts in atomic mode, and stays there: {@code PERCPU_REF_INIT_ATOMIC}. */
    INIT_ATOMIC,
    /** Starts dead, with no reference: {@code PERCPU_REF_INIT_DEAD}. */
    INIT_DEAD,
    /** Can leave atomic mode again: {@code PERCPU_REF_ALLOW_REINIT}, which the two others imply. */
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

  /** Makes a reference without a release callback: {@code percpu_ref_init}. */
  public static PercpuRef init(Flag... flags) {
    return new PercpuRef(null, Set.of(Objects.requireNonNull(flags, "flags")));
  }

  /**
   * Makes a reference that is live and counts one, unless the flags say otherwise: {@code
   * percpu_ref_init}.
   *
   * @param release run by the thread that drops the count to zero, each time that is noticed; it
   *     must not block for long
   * @throws IllegalArgumentException if a flag is given twice
   */
  public static PercpuRef init(Runnable release, Flag... flags) {
    Objects.requireNonNull(release, "release");
    return new PercpuRef(release, Set.of(Objects.requireNonNull(flags, "flags")));
  }

  // ---- get and put -------------------------------------------------------------------------

  /**
   * Takes a reference: {@code percpu_ref_get}. The caller already holds one, or knows that another
   * holder does; if the count is zero all the same, it is granted ({@link Rule#C_14 C-14}).
   *
   * @throws IllegalStateException after the exit ({@link Rule#D_5 D-5})
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
   * @throws IllegalStateException after the exit ({@link Rule#D_5 D-5})
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
   * Takes a reference and returns true, unless the count is zero: {@code percpu_ref_tryget}. It
   * also succeeds after a kill, while others hold references.
   */
  public boolean tryGet() {
    if (addPercpu(1)) {
      return true;
    }
    return tryGetSlowly(1, EXITED);
  }

  /**
   * Takes references and returns true, unless the count is zero: {@code percpu_ref_tryget_many}.
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
   * Takes a reference and returns true, unless it was killed or the count is zero: {@code
   * percpu_ref_tryget_live}. It returns false once {@link #kill} has returned or the callback of
   * {@link #killAndConfirm} runs.
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
   * @throws IllegalStateException if no reference is left and that is noticed ({@link Rule#C_14
   *     C-14}); the count stays as it was
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
   * @throws IllegalStateException if fewer are left and that is noticed ({@link Rule#C_14 C-14});
   *     the count stays as it was
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
   * mode zero goes unnoticed, so this waits for the kill, too. If a get is granted at zero while
   * the callback runs ({@link Rule#C_14 C-14}), the wait may end before the callback of the next
   * drop has returned.
   *
   * @param limit how long to wait; zero does not wait
   * @return whether the count is zero
   */
  public boolean awaitZero(Duration limit) throws InterruptedException {
    return drain.await(Objects.requireNonNull(limit, "limit"));
  }

  // ---- kill, and back ----------------------------------------------------------------------

  /**
   * Kills the reference and gives the initial one back: {@code percpu_ref_kill}. From then on
   * {@link #tryGetLive} fails, and the last put runs the release callback.
   *
   * @throws IllegalStateException if it was killed already, if the initial reference was put
   *     already, or after the exit ({@link Rule#D_5 D-5}); or if the system refused the barrier
   *     (see {@link Membarrier}). Nothing changes then
   */
  public void kill() {
    killAndConfirm(() -> {});
  }

  /**
   * Kills the reference, and calls back before it gives the initial one back: {@code
   * percpu_ref_kill_and_confirm}. See {@link #kill()}.
   *
   * @param confirm run by this thread, when no {@link #tryGetLive} can succeed any more
   */
  public void killAndConfirm(Runnable confirm) {
    Objects.requireNonNull(confirm, "confirm");
    StackRoom.touch();
    kill(false, tooMany -> confirm.run());
  }

  /**
   * Brings a drained reference back to life, with one reference: {@code percpu_ref_reinit} ({@link
   * Rule#C_15 C-15}).
   *
   * @throws IllegalStateException if it is not dead, not at zero, was exited, or cannot leave
   *     atomic mode ({@link Rule#D_5 D-5})
   */
  public void reinit() {
    StackRoom.touch();
    revive(true, "reinitialised");
  }

  /**
   * Brings a killed reference back to life, with one more reference: {@code percpu_ref_resurrect}
   * ({@link Rule#C_15 C-15}).
   *
   * @throws IllegalStateException if it is not dead, was exited, or cannot leave atomic mode
   *     ({@link Rule#D_5 D-5})
   */
  public void resurrect() {
    StackRoom.touch();
    revive(false, "resurrected");
  }

  // ---- modes -------------------------------------------------------------------------------

  /**
   * Adds the cells up and counts in one word from now on, also after a kill and reinit: {@code
   * percpu_ref_switch_to_atomic}. If the count turns out to be zero, the release callback runs
   * ({@link Rule#C_14 C-14}). It does not mark the reference dying ({@link Rule#D_14 D-14}).
   *
   * @throws IllegalStateException after the exit, or if the count turns out to be below zero
   *     ({@link Rule#D_5 D-5})
   */
  public void switchToAtomic() {
    switchToAtomic(() -> {});
  }

  /**
   * Switches to atomic mode as {@link #switchToAtomic()} does, then calls back.
   *
   * @param confirm run by this thread when the switch is complete
   */
  public void switchToAtomic(Runnable confirm) {
    Objects.requireNonNull(confirm, "confirm");
    StackRoom.touch();
    toAtomic(confirm);
  }

  /**
   * Switches to atomic mode and waits: {@code percpu_ref_switch_to_atomic_sync}. {@link
   * #switchToAtomic()} also returns only when the switch is complete.
   */
  public void switchToAtomicSync() {
    switchToAtomic();
  }

  /**
   * Counts in cells again: {@code percpu_ref_switch_to_percpu}. A dead reference stays atomic until
   * it is reinitialised or resurrected.
   *
   * @throws IllegalStateException after the exit, or if the reference is live in atomic mode
   *     without the flag to leave it ({@link Rule#C_15 C-15})
   */
  public void switchToPercpu() {
    StackRoom.touch();
    toPercpu();
  }

  /** Returns where it counts now. */
  public Counting counting() {
    return where();
  }

  // ---- state -------------------------------------------------------------------------------

  /** Returns whether it was killed or exited: {@code percpu_ref_is_dying}. */
  public boolean isDying() {
    return count.has(DEAD | EXITED);
  }

  /**
   * Returns whether the count is zero; always false in per-CPU mode: {@code percpu_ref_is_zero}.
   * After the exit it stays as it was at the exit.
   */
  public boolean isZero() {
    return countsZero();
  }

  /** Returns whether {@link #exit} was called. */
  public boolean isExited() {
    return count.has(EXITED);
  }

  /**
   * Returns how many references are out, for tools; exact only while none is taken or put. Negative
   * after a put too many in per-CPU mode.
   */
  public long references() {
    synchronized (lock) {
      long shared = count.count();
      return isAtomic() ? shared : shared - BIAS + sumPercpu();
    }
  }

  /**
   * Ends the reference: {@code percpu_ref_exit}. From then on it is dying and cannot be taken.
   * References still out can be put, and the last put runs the release callback ({@link Rule#D_4
   * D-4}). A second exit does nothing.
   *
   * @throws IllegalStateException if a page map still uses it ({@link Rule#D_5 D-5})
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
