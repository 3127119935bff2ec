// SPDX-License-Identifier: Apache-2.0
package dev.memremap.ref;

import static dev.memremap.ref.CountWord.BIAS;
import static dev.memremap.ref.CountWord.DEAD;
import static dev.memremap.ref.CountWord.EXITED;
import static dev.memremap.ref.CountWord.RELEASING;
import static dev.memremap.ref.CountWord.TELLING;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The part of a reference that all threads share: its count and what has become of it, in one word.
 * In per-CPU mode the word holds the bias besides, and what was taken or dropped past the cells.
 *
 * <p>Below the floor are references of what lives by the reference. A put that would go there is
 * one too many, whoever did it, and is refused before a page map loses what keeps it.
 *
 * <p>Thread safety: {@code floor} is changed under the reference's lock, raised after its
 * references were added and lowered before they are dropped, so no put that is right meets it.
 * {@code word} is changed by compare-and-set or one atomic operation alone, so each method here is
 * one step; refusals leave the word as it was.
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

  /** Whether the count is zero and all who are told of it have been. */
  boolean isDrained() {
    long seen = word;
    return CountWord.count(seen) == 0 && !CountWord.has(seen, RELEASING);
  }

  private boolean replace(long seen, long next) {
    return WORD.weakCompareAndSet(this, seen, next);
  }

  /** How many references belong to what lives by the reference. */
  long floor() {
    return floor;
  }

  void floor(long references) {
    floor = references;
  }

  /** Adds references, which is refused after the exit alone (C-10, C-14). */
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

  /** PR-3, PR-4: adds references unless there are none, or one of these flags is set. */
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

  /**
   * PR-2: drops references.
   *
   * @return whether none is left; then the caller tells everybody, and {@link #told} ends that
   */
  boolean drop(long n) {
    while (true) {
      long seen = word;
      long left = CountWord.count(seen) - n;
      long lowest = CountWord.lowest(left + n);
      if (left < (lowest == 0 ? floor : lowest)) {
        if (word != seen) {
          // something was attached since the word was read, and the floor is newer than the word
          continue;
        }
        throw Misuse.of(
            "%d references cannot be put, for there are fewer: somebody put one too many"
                .formatted(n));
      }
      long next = CountWord.with(seen, left);
      if (replace(seen, left == 0 ? next | RELEASING | TELLING : next)) {
        return left == 0;
      }
    }
  }

  /** Ends a part of the release: TELLING, then RELEASING. */
  void told(long part) {
    WORD.getAndBitwiseAnd(this, ~part);
  }

  /** PR-5: marks the reference dead, which is refused to a second kill. */
  void kill() {
    while (true) {
      long seen = word;
      requireNotExited("killed");
      if (CountWord.has(seen, DEAD)) {
        throw Misuse.of("the reference was killed already; it is killed once in a life");
      }
      if (CountWord.count(seen) <= floor) {
        throw tooSmall(CountWord.count(seen) - floor, "kill");
      }
      if (replace(seen, seen | DEAD)) {
        return;
      }
    }
  }

  private static final String NO_INITIAL =
      "the reference cannot be killed: its initial reference, which the kill gives back, was put already";

  /**
   * PR-7: the cells' sum takes the place of the bias, in one step.
   *
   * @param flags set in the same step
   * @param least how many there must be beyond the floor
   * @return how many there are beyond it; if too few, the bias stays and the sum was added to it,
   *     so that the cells can be opened again
   */
  long settle(long sum, long least, long flags) {
    long below = floor;
    while (true) {
      long seen = word;
      long count = CountWord.count(seen) - BIAS + sum;
      if (count < below + least) {
        WORD.getAndAdd(this, CountWord.of(sum, 0));
        return count - below;
      }
      long next = CountWord.with(seen, count) | flags;
      if (replace(seen, count == 0 ? next | RELEASING | TELLING : next)) {
        return count - below;
      }
    }
  }

  /**
   * What too small a count means.
   *
   * @param count how many there are beyond the floor
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
    WORD.getAndAdd(this, CountWord.of(BIAS, 0));
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
      WORD.getAndAdd(this, CountWord.of(sum - BIAS, 0));
    }
    WORD.getAndBitwiseOr(this, EXITED);
  }
}
