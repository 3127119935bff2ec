// SPDX-License-Identifier: Apache-2.0
package dev.memremap.ref;

import static dev.memremap.ref.CountWord.BIAS;
import static dev.memremap.ref.CountWord.DEAD;
import static dev.memremap.ref.CountWord.EXITED;
import static dev.memremap.ref.CountWord.RELEASING;
import static dev.memremap.ref.CountWord.TELLING;

import dev.memremap.internal.stack.StackRoom;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The part of a reference that all threads share: its count and its flags, in one word. In per-CPU
 * mode the count includes the bias, and what was taken or dropped past the cells.
 *
 * <p>References below the floor cannot be dropped by a put: those of page maps that live by the
 * reference, and from the kill on the initial one, until it is given back. A put that would go
 * below the floor is one too many and is refused, before a page map loses the reference that keeps
 * it.
 *
 * <p>Thread safety: {@code floor} is changed under the reference's lock. It is raised before its
 * references count in the word, and lowered after they were taken off it, so it is never too low.
 * While it is too high, a put may be refused that is right; therefore a refusal is decided again
 * under the lock. {@code word} is changed by compare-and-set or one atomic operation alone, so each
 * method here is one step; refusals leave the word as it was.
 */
final class AtomicCount {
  private static final VarHandle WORD;

  static {
    try {
      WORD = MethodHandles.lookup().findVarHandle(AtomicCount.class, "word", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private volatile long word;
  private volatile long floor;

  AtomicCount(long count, long flags) {
    this.word = CountWord.of(count, flags);
  }

  boolean has(long flag) {
    return CountWord.has(word, flag);
  }

  /** The count, with the bias in per-CPU mode. */
  long count() {
    return CountWord.count(word);
  }

  /** Whether the count is zero and everything that waits for it was told. */
  boolean isDrained() {
    long seen = word;
    return CountWord.count(seen) == 0 && !CountWord.has(seen, RELEASING);
  }

  private boolean replace(long seen, long next) {
    return WORD.weakCompareAndSet(this, seen, next);
  }

  /** How many references a put cannot drop. */
  long floor() {
    return floor;
  }

  /** Adds references that a put cannot drop. Called under the lock. */
  void addProtected(long n) {
    long below = floor;
    floor = below + n;
    boolean added = false;
    try {
      add(n);
      added = true;
    } finally {
      if (!added) {
        floor = below;
      }
    }
  }

  /**
   * Drops references that a put cannot drop. Called under the lock.
   *
   * @return whether none is left; the caller then tells everything that waits, and ends that by
   *     {@link #told}
   */
  boolean giveBack(long n) {
    long least = floor;
    while (true) {
      long seen = word;
      long left = CountWord.count(seen) - n;
      if (replace(seen, dropped(seen, left))) {
        floor = least - n;
        return left == 0;
      }
    }
  }

  private static long dropped(long seen, long left) {
    long next = CountWord.with(seen, left);
    return left == 0 ? next | RELEASING | TELLING : next;
  }

  /** Adds what was counted elsewhere; may be negative. */
  void takeIn(long sum) {
    WORD.getAndAdd(this, CountWord.of(sum, 0));
  }

  /** Adds references; refused only after the exit (C-10, C-14). */
  void add(long n) {
    while (true) {
      long seen = word;
      if (CountWord.has(seen, EXITED)) {
        throw Misuse.of("the reference was exited, and no reference to it can be taken");
      }
      if (replace(seen, CountWord.with(seen, raised(seen, n)))) {
        return;
      }
    }
  }

  /** PR-3, PR-4: adds references unless the count is zero, or one of these flags is set. */
  boolean tryAdd(long n, long unless) {
    while (true) {
      long seen = word;
      if (CountWord.has(seen, unless) || CountWord.count(seen) == 0) {
        return false;
      }
      if (replace(seen, CountWord.with(seen, raised(seen, n)))) {
        return true;
      }
    }
  }

  private static long raised(long seen, long n) {
    long count = CountWord.count(seen);
    if (count + n > CountWord.highest(count)) {
      throw Misuse.of("a reference cannot count as far as 2^57");
    }
    return count + n;
  }

  /** What a drop did. */
  enum Dropped {
    /** References are left. */
    SOME_LEFT,
    /**
     * None is left; the caller then tells everything that waits, and ends that by {@link #told}.
     */
    NONE_LEFT,
    /** Nothing, since fewer were left. */
    REFUSED
  }

  /**
   * PR-2: drops references. A refusal holds if the caller has the lock.
   *
   * @param touched whether the caller has touched the stack that a drop to zero takes
   */
  Dropped drop(long n, boolean touched) {
    while (true) {
      long seen = word;
      long left = CountWord.count(seen) - n;
      long lowest = CountWord.lowest(left + n);
      if (left < (lowest == 0 ? floor : lowest)) {
        return Dropped.REFUSED;
      }
      if (left == 0 && !touched) {
        // the caller then runs the release, which an overflow after this step would lose
        StackRoom.touch();
      }
      if (replace(seen, dropped(seen, left))) {
        return left == 0 ? Dropped.NONE_LEFT : Dropped.SOME_LEFT;
      }
    }
  }

  /** The exception for a refused drop. */
  static IllegalStateException tooMany(long n) {
    return Misuse.of("cannot put %d, for fewer are out: somebody put one too many".formatted(n));
  }

  /** Ends a part of the release: TELLING, then RELEASING. */
  void told(long part) {
    WORD.getAndBitwiseAnd(this, ~part);
  }

  /**
   * PR-5: marks the reference dead, which is refused to a second kill. From then on a put cannot
   * drop the initial reference. Called under the lock.
   */
  void kill() {
    long below = floor;
    floor = below + 1;
    boolean killed = false;
    try {
      while (!killed) {
        long seen = word;
        requireNotExited("killed");
        if (CountWord.has(seen, DEAD)) {
          throw Misuse.of("the reference was killed already; it is killed once in a life");
        }
        if (CountWord.count(seen) <= below) {
          throw tooSmall(CountWord.count(seen) - below, "kill");
        }
        killed = replace(seen, seen | DEAD);
      }
    } finally {
      if (!killed) {
        floor = below;
      }
    }
  }

  /**
   * Marks a live reference dead, and forgives puts that were too many: what they took is added
   * again. Called under the lock.
   *
   * @param sum what is added to the count in the same step
   * @return how many puts were too many
   */
  long killAnyway(long sum) {
    long least = floor + 1;
    floor = least;
    while (true) {
      long seen = word;
      long there = CountWord.count(seen) + sum;
      if (replace(seen, CountWord.with(seen, Math.max(there, least)) | DEAD)) {
        return Math.max(0, least - there);
      }
    }
  }

  private static final String NO_INITIAL =
      "the reference cannot be killed: its initial reference, which the kill gives back, was put"
          + " already";

  /**
   * PR-7: the cells' sum takes the place of the bias, in one step. Called under the lock.
   *
   * @param flags set in the same step
   * @param least how many there must be above the floor; a put cannot drop them from then on
   * @return how many are above the floor as it was; if too few, the bias stays, with the sum added
   *     to it, so that the cells can be opened again
   */
  long settle(long sum, long least, long flags) {
    long below = floor;
    floor = below + least;
    while (true) {
      long seen = word;
      long count = CountWord.count(seen) - BIAS + sum;
      if (count < below + least) {
        takeIn(sum);
        floor = below;
        return count - below;
      }
      long next = CountWord.with(seen, count) | flags;
      if (replace(seen, count == 0 ? next | RELEASING | TELLING : next)) {
        return count - below;
      }
    }
  }

  /**
   * The exception for a count that is too small.
   *
   * @param count how many are above the floor
   */
  static IllegalStateException tooSmall(long count, String step) {
    return Misuse.of(
        count < 0
            ? "the reference counts %d, and a %s shows it: somebody put one too many"
                .formatted(count, step)
            : NO_INITIAL);
  }

  /** PR-8: the bias comes back. */
  void bias() {
    takeIn(BIAS);
  }

  /**
   * C-15, PR-10: takes DEAD off and adds a reference.
   *
   * @param fromZero whether there must be none
   * @param mayLive whether the reference may live again, asked last
   * @param percpu whether the bias comes back, too: in the same step, so that no drop sees zero
   */
  void revive(boolean fromZero, boolean mayLive, boolean percpu, String what) {
    // no life begins before what lived by the last one knows that it has ended
    while (has(TELLING)) {
      Thread.onSpinWait();
    }
    while (true) {
      long seen = word;
      requireNotExited(what);
      if (!CountWord.has(seen, DEAD)) {
        throw Misuse.of("only a dead reference is " + what + ", and this one lives");
      }
      long count = CountWord.count(seen);
      if (fromZero && count != 0) {
        throw Misuse.of(
            "the reference is reinitialised at zero, and %d references are held; wait for them, or resurrect it"
                .formatted(count));
      }
      if (!mayLive) {
        throw Misuse.mayNotLeaveAtomicMode(what);
      }
      long revived = raised(seen, 1) + (percpu ? BIAS : 0);
      if (replace(seen, CountWord.with(seen, revived) & ~DEAD)) {
        return;
      }
    }
  }

  void requireNotExited(String what) {
    if (has(EXITED)) {
      throw Misuse.of("the reference was exited and cannot be " + what);
    }
  }

  /**
   * C-10: ends it.
   *
   * @param sum what takes the place of the bias, if there is one
   */
  void exit(boolean biased, long sum) {
    if (biased) {
      takeIn(sum - BIAS);
    }
    WORD.getAndBitwiseOr(this, EXITED);
  }
}
