// SPDX-License-Identifier: Apache-2.0
package dev.memremap.ref;

import static dev.memremap.ref.CountWord.BIAS;
import static dev.memremap.ref.CountWord.DEAD;
import static dev.memremap.ref.CountWord.EXITED;
import static dev.memremap.ref.CountWord.RELEASING;
import static dev.memremap.ref.CountWord.TELLING;

import dev.memremap.rule.Rule;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
 *   <li>{@code mode} is written under {@code lock} and volatile. It only tells the fast path where
 *       to try first. Whether an addition to a cell counts is decided by the cell (see {@link
 *       PercpuCounts}), so a thread that read {@code mode} long ago does no harm.
 *   <li>{@code word} is changed by compare-and-set alone: the count with DEAD and EXITED in one
 *       word, so that a {@link #tryGetLive} either comes before the kill or sees it. In per-CPU
 *       mode it holds the bias besides, which the cells' sum replaces in one step: no drop in
 *       between sees zero.
 *   <li>What a thread did before its put happens before the release callback: cells and word are
 *       only changed by operations with volatile semantics, all of them read-modify-write, which
 *       form one chain down to the last.
 *   <li>{@code forceAtomic}, {@code attached}, {@code draining} and the changes of mode are guarded
 *       by {@code lock}. No callback runs under it.
 *   <li>{@code waiters} and the word's RELEASING bit are each written before the other is read, so
 *       a waiter sees the end of the release or is woken by it.
 * </ul>
 */
public final class PercpuRef {
  private static final VarHandle WORD;
  private static final VarHandle WAITERS;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      WORD = lookup.findVarHandle(PercpuRef.class, "word", long.class);
      WAITERS = lookup.findVarHandle(PercpuRef.class, "waiters", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
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

  /** The mode in which the fast path is tried; any bit sends a thread to the word. */
  private static final int PERCPU = 0;

  private static final int ATOMIC = 1;
  private static final int TRACED = 2;

  private final PercpuCounts counts = StripedCounts.closed();
  private final @Nullable Runnable release;
  private final boolean allowReinit;
  private final Object lock = new Object();
  private final Object waiting = new Object();
  private final List<Dependent> attached = new ArrayList<>();
  private final List<Dependent> draining = new ArrayList<>();
  private volatile int mode;
  private volatile long word;
  private volatile int waiters;
  private volatile boolean zeroAtExit;
  private volatile @Nullable HolderTrace trace;
  private boolean forceAtomic;

  private PercpuRef(@Nullable Runnable release, Set<Flag> flags) {
    this.release = release;
    this.allowReinit = !flags.isEmpty();
    this.forceAtomic = flags.contains(Flag.INIT_ATOMIC);
    boolean dead = flags.contains(Flag.INIT_DEAD);
    if (dead || forceAtomic) {
      this.word = dead ? CountWord.of(0, DEAD) : CountWord.of(1, 0);
      this.mode = ATOMIC;
    } else {
      this.word = CountWord.of(BIAS + 1, 0);
      counts.open();
      this.mode = PERCPU;
    }
  }

  /** A reference nobody is told about when it drains: {@code percpu_ref_init}. */
  public static PercpuRef init(Flag... flags) {
    return new PercpuRef(null, Set.of(flags));
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
    return new PercpuRef(release, Set.of(flags));
  }

  // ---- get and put -------------------------------------------------------------------------

  /**
   * Takes a reference: {@code percpu_ref_get}. The caller holds one already, or knows that somebody
   * does; where the count is zero all the same, it is granted (C-14).
   *
   * @throws IllegalStateException after the exit (D-5)
   */
  public void get() {
    if (mode == PERCPU && counts.add(1)) {
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
    if (n <= PercpuCounts.MOST && mode == PERCPU && counts.add(n)) {
      return;
    }
    getSlowly(n);
  }

  private void getSlowly(long n) {
    addUnlessExited(n);
    traceTaken(n);
  }

  private void addUnlessExited(long n) {
    while (true) {
      long seen = word;
      if (CountWord.has(seen, EXITED)) {
        throw misuse("the reference was exited, and no reference to it can be taken");
      }
      if (WORD.weakCompareAndSet(this, seen, CountWord.with(seen, increased(seen, n)))) {
        return;
      }
    }
  }

  /**
   * Takes a reference unless there is none: {@code percpu_ref_tryget} (PR-3). Works on a killed
   * reference that somebody still holds.
   */
  public boolean tryGet() {
    if (mode == PERCPU && counts.add(1)) {
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
    if (n <= PercpuCounts.MOST && mode == PERCPU && counts.add(n)) {
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
    if (mode == PERCPU && counts.add(1)) {
      return true;
    }
    return tryGetSlowly(1, DEAD | EXITED);
  }

  private boolean tryGetSlowly(long n, long unless) {
    while (true) {
      long seen = word;
      if (CountWord.has(seen, unless) || CountWord.count(seen) == 0) {
        return false;
      }
      if (WORD.weakCompareAndSet(this, seen, CountWord.with(seen, increased(seen, n)))) {
        traceTaken(n);
        return true;
      }
    }
  }

  /**
   * Drops a reference: {@code percpu_ref_put}. The drop to zero runs the release callback.
   *
   * @throws IllegalStateException if there is none to drop and that can be seen (C-14); the count
   *     stays as it was
   */
  public void put() {
    if (mode == PERCPU && counts.add(-1)) {
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
    if (n <= PercpuCounts.MOST && mode == PERCPU && counts.add(-n)) {
      return;
    }
    putSlowly(n);
  }

  private void putSlowly(long n) {
    HolderTrace holders = trace;
    if (holders != null) {
      holders.put(n);
    }
    drop(n);
  }

  private void drop(long n) {
    while (true) {
      long seen = word;
      long left = CountWord.count(seen) - n;
      if (left < CountWord.lowest(left + n)) {
        throw misuse(
            "%d references cannot be put, for there are fewer: somebody put one too many"
                .formatted(n));
      }
      long next = CountWord.with(seen, left);
      if (WORD.weakCompareAndSet(this, seen, left == 0 ? next | RELEASING | TELLING : next)) {
        if (left == 0) {
          release();
        }
        return;
      }
    }
  }

  private static long increased(long seen, long n) {
    long count = CountWord.count(seen);
    if (count + n > CountWord.highest(count)) {
      throw misuse("a reference cannot count as far as 2^57");
    }
    return count + n;
  }

  private static void requireCount(long n) {
    if (n < 1 || n > MOST_AT_ONCE) {
      throw new IllegalArgumentException(
          "one call takes or puts 1 to 2^56 references, not " + Long.toUnsignedString(n));
    }
  }

  // ---- the drop to zero --------------------------------------------------------------------

  private void release() {
    try {
      tellDependents();
      if (release != null) {
        release.run();
      }
    } finally {
      WORD.getAndBitwiseAnd(this, ~RELEASING);
      if (waiters > 0) {
        synchronized (waiting) {
          waiting.notifyAll();
        }
      }
    }
  }

  private void tellDependents() {
    List<Dependent> drained;
    synchronized (lock) {
      drained = List.copyOf(draining);
      draining.clear();
    }
    try {
      drained.forEach(Dependent::drained);
    } finally {
      WORD.getAndBitwiseAnd(this, ~TELLING);
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
    long end = System.nanoTime() + nanos(limit);
    WAITERS.getAndAdd(this, 1);
    try {
      synchronized (waiting) {
        while (!isDrained()) {
          long left = end - System.nanoTime();
          if (left <= 0) {
            return false;
          }
          // rounded up: a wait of 0 ms would have no end
          waiting.wait(left / 1_000_000 + 1);
        }
        return true;
      }
    } finally {
      WAITERS.getAndAdd(this, -1);
    }
  }

  private static long nanos(Duration limit) {
    try {
      return Math.min(limit.toNanos(), Long.MAX_VALUE / 2);
    } catch (ArithmeticException centuries) {
      return limit.isNegative() ? 0 : Long.MAX_VALUE / 2;
    }
  }

  private boolean isDrained() {
    long seen = word;
    return CountWord.count(seen) == 0 && !CountWord.has(seen, RELEASING);
  }

  // ---- kill, and back ----------------------------------------------------------------------

  /**
   * Kills the reference and gives the initial one back: {@code percpu_ref_kill} (PR-5). From then
   * on {@link #tryGetLive} fails, and the last put runs the release callback.
   *
   * @throws IllegalStateException if it was killed already, if the initial reference was put
   *     already, or after the exit (D-5)
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
    synchronized (lock) {
      if (isAtomic()) {
        markDead();
      } else {
        closeCells(1, DEAD, "kill");
      }
    }
    try {
      confirm.run();
    } finally {
      drop(1);
    }
  }

  private void markDead() {
    while (true) {
      long seen = word;
      requireNotExited(seen, "killed");
      if (CountWord.has(seen, DEAD)) {
        throw misuse("the reference was killed already; it is killed once in a life");
      }
      if (CountWord.count(seen) == 0) {
        throw misuse(
            "the reference cannot be killed: its initial reference, which the kill gives back, was put already");
      }
      if (WORD.weakCompareAndSet(this, seen, seen | DEAD)) {
        return;
      }
    }
  }

  /**
   * PR-7: the cells' sum takes the place of the bias, in one step. Called under the lock, in
   * per-CPU mode.
   *
   * @param least how many references there must be at least, else all stays as it was
   * @param flags the word's flags from then on
   * @return whether the count is zero
   */
  private boolean closeCells(long least, long flags, String step) {
    mode |= ATOMIC;
    long sum = counts.close();
    while (true) {
      long seen = word;
      long count = CountWord.count(seen) - BIAS + sum;
      if (count < least) {
        WORD.getAndAdd(this, CountWord.of(sum, 0));
        counts.open();
        mode &= ~ATOMIC;
        throw misuse(
            count < 0
                ? "the reference counts %d, and a %s shows it: somebody put one too many"
                    .formatted(count, step)
                : "the reference cannot be killed: its initial reference, which the kill gives back, was put already");
      }
      long next = CountWord.with(seen, count) | flags;
      if (WORD.weakCompareAndSet(this, seen, count == 0 ? next | RELEASING | TELLING : next)) {
        return count == 0;
      }
    }
  }

  /**
   * Brings a drained reference back to life, with one reference: {@code percpu_ref_reinit} (PR-10,
   * C-15).
   *
   * @throws IllegalStateException if it is not dead, not at zero, was exited, or may not leave
   *     atomic mode (D-5)
   */
  public void reinit() {
    revive(true, "reinitialised");
  }

  /**
   * Brings a killed reference back to life, with one more reference: {@code percpu_ref_resurrect}
   * (PR-10, C-15).
   *
   * @throws IllegalStateException if it is not dead, was exited, or may not leave atomic mode (D-5)
   */
  public void resurrect() {
    revive(false, "resurrected");
  }

  private void revive(boolean fromZero, String what) {
    // no life begins before what lived by the last one knows that it has ended
    while (CountWord.has(word, TELLING)) {
      Thread.onSpinWait();
    }
    synchronized (lock) {
      while (true) {
        long seen = word;
        requireNotExited(seen, what);
        if (!CountWord.has(seen, DEAD)) {
          throw misuse("only a dead reference is " + what + ", and this one lives");
        }
        long count = CountWord.count(seen);
        if (fromZero && count != 0) {
          throw misuse(
              "the reference is reinitialised at zero, and %d references are held; wait for them, or resurrect it"
                  .formatted(count));
        }
        if (!allowReinit && !forceAtomic) {
          throw mayNotLeaveAtomicMode(what);
        }
        if (WORD.weakCompareAndSet(this, seen, CountWord.with(seen, increased(seen, 1)) & ~DEAD)) {
          break;
        }
      }
      if (!forceAtomic) {
        openCells();
      }
    }
  }

  /** PR-8: the bias comes back before the cells open, so no drop in between sees zero. */
  private void openCells() {
    WORD.getAndAdd(this, CountWord.of(BIAS, 0));
    counts.open();
    mode &= ~ATOMIC;
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
    boolean zero = false;
    synchronized (lock) {
      requireNotExited(word, "switched");
      if (!isAtomic()) {
        zero = closeCells(0, 0, "switch");
      }
      forceAtomic = true;
    }
    try {
      confirm.run();
    } finally {
      if (zero) {
        release();
      }
    }
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
    synchronized (lock) {
      requireNotExited(word, "switched");
      if (CountWord.has(word, DEAD) || !isAtomic()) {
        forceAtomic = false;
        return;
      }
      if (!allowReinit) {
        throw mayNotLeaveAtomicMode("switched to per-CPU mode");
      }
      forceAtomic = false;
      openCells();
    }
  }

  boolean isAtomic() {
    return (mode & ATOMIC) != 0;
  }

  // ---- state -------------------------------------------------------------------------------

  /** Whether it was killed, or exited: {@code percpu_ref_is_dying}. */
  public boolean isDying() {
    return CountWord.has(word, DEAD | EXITED);
  }

  /**
   * Whether the count is zero, which per-CPU mode hides: {@code percpu_ref_is_zero} (PR-11). After
   * the exit it is what it was at the exit (C-10).
   */
  public boolean isZero() {
    long seen = word;
    return CountWord.has(seen, EXITED) ? zeroAtExit : CountWord.count(seen) == 0;
  }

  /** Whether {@link #exit} was called. */
  public boolean isExited() {
    return CountWord.has(word, EXITED);
  }

  /**
   * How many references there are, for tools: exact only while nobody takes or puts one. Negative
   * if somebody put one too many in per-CPU mode.
   */
  public long references() {
    synchronized (lock) {
      long count = CountWord.count(word);
      return isAtomic() ? count : count - BIAS + counts.sum();
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
    synchronized (lock) {
      long seen = word;
      if (CountWord.has(seen, EXITED)) {
        return;
      }
      if (!attached.isEmpty()) {
        throw misuse(
            "the reference cannot be exited while %s lives by it; unmap that first"
                .formatted(attached.getFirst()));
      }
      zeroAtExit = isZero();
      if (!isAtomic()) {
        mode |= ATOMIC;
        WORD.getAndAdd(this, CountWord.of(counts.close() - BIAS, 0));
      }
      WORD.getAndBitwiseOr(this, EXITED);
    }
  }

  // ---- what lives by it --------------------------------------------------------------------

  /**
   * Lets something live by this reference, with references of its own.
   *
   * @param references how many it takes, 0 or more; they appear in no trace
   * @return false if the reference is dying, and then nothing was taken
   */
  public boolean attach(Dependent dependent, long references) {
    synchronized (lock) {
      if (isDying()) {
        return false;
      }
      addUnlessExited(references);
      attached.add(dependent);
      return true;
    }
  }

  /**
   * Lets it go: gives its references back, and tells it once the count is zero, which may be at
   * once. The reference must have been killed.
   *
   * @param references how many it took
   * @throws IllegalStateException if it is not attached, or the reference was not killed
   */
  public void detach(Dependent dependent, long references) {
    synchronized (lock) {
      if (!isDying()) {
        throw misuse("the reference lives; kill it before " + dependent + " lets it go");
      }
      if (!attached.remove(dependent)) {
        throw misuse(dependent + " does not live by this reference");
      }
      draining.add(dependent);
    }
    if (references > 0) {
      drop(references);
    }
    // a count that was at zero before will not drop to it again
    if (CountWord.count(word) == 0 && isStillDraining(dependent)) {
      dependent.drained();
    }
  }

  private boolean isStillDraining(Dependent dependent) {
    synchronized (lock) {
      return draining.remove(dependent);
    }
  }

  // ---- diagnostics -------------------------------------------------------------------------

  /**
   * Remembers from now on where references are taken, or stops. Off by default, and then free of
   * cost; on, each get walks the stack and counts atomically.
   */
  public void trace(boolean on) {
    synchronized (lock) {
      trace = on ? new HolderTrace() : null;
      mode = on ? mode | TRACED : mode & ~TRACED;
    }
  }

  /**
   * Where the references were taken that are still out, oldest first; those taken since tracing
   * began. A put counts for the newest get of its own thread and size, else for the oldest.
   *
   * @return empty if it is not traced
   */
  public List<Holder> holders() {
    HolderTrace holders = trace;
    return holders == null ? List.of() : holders.holders();
  }

  private void traceTaken(long n) {
    HolderTrace holders = trace;
    if (holders != null) {
      holders.took(n);
    }
  }

  private static void requireNotExited(long seen, String what) {
    if (CountWord.has(seen, EXITED)) {
      throw misuse("the reference was exited and cannot be " + what);
    }
  }

  private static IllegalStateException mayNotLeaveAtomicMode(String what) {
    return misuse(
        "the reference cannot be %s: that leaves atomic mode, which it was not made for; give ALLOW_REINIT to init [%s]"
            .formatted(what, Rule.C_15.id()));
  }

  private static IllegalStateException misuse(String sentence) {
    return new IllegalStateException("%s [%s]".formatted(sentence, Rule.D_5.id()));
  }

  @Override
  public String toString() {
    long seen = word;
    String state =
        CountWord.has(seen, EXITED) ? "exited" : CountWord.has(seen, DEAD) ? "dead" : "live";
    return "percpu_ref(%s, %s, %d)"
        .formatted(state, isAtomic() ? "atomic" : "percpu", references());
  }
}
