// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * A page's word in one life of its map, and every change that is made to its counts.
 *
 * <pre>
 *   | life: 18 bits | flags: 2 bits | holds: 18 bits | count, less that of a fresh page: 26 bits |
 * </pre>
 *
 * <p>Holds are counted apart from gets and puts, so that no put drops one. What a page counts is
 * the sum of both, and the page is free when that is zero. Once only holds are left, nothing is
 * added: a get then could not say whether it took the place of the map's own reference.
 *
 * <p>The word's block was touched in that life. A word of another life reads as a fresh page's, and
 * no change to it succeeds: so a holder of a page can put it without first taking the map ({@link
 * #putAnother}).
 *
 * <p>Thread safety: immutable. The word is changed by compare-and-set alone, which is a full fence
 * and decides; so reads before one are plain, and the compiler checks bounds and life of the memory
 * once for both. Those that refuse a change on the strength of such a read come from a volatile
 * read or from taking a reference, and move before neither. Both counts are in one word, so of a
 * put and the close of a hold that run at once, exactly one sees that it leaves none.
 */
public final class PageWord {
  private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
  private static final int COUNT_BITS = 26;
  private static final long COUNT_MASK = (1L << COUNT_BITS) - 1;

  /** The largest number of references by get that a page counts. */
  private static final int MAX_COUNT = (int) (COUNT_MASK >>> 1);

  private static final int HOLD_BITS = 18;
  private static final long HOLD = 1L << COUNT_BITS;
  private static final long MAX_HOLDS = (1L << HOLD_BITS) - 1;

  private static final int FLAGS_SHIFT = COUNT_BITS + HOLD_BITS;
  private static final int LIFE_SHIFT = FLAGS_SHIFT + 2;

  /** How many bits the number of a life has. */
  static final int LIFE_BITS = Long.SIZE - LIFE_SHIFT;

  /** Set when a page is reserved no longer: fresh pages of a device are. */
  public static final long NOT_RESERVED = 1L << FLAGS_SHIFT;

  /** {@code PG_hwpoison}. */
  public static final long POISONED = 2L << FLAGS_SHIFT;

  private final MemorySegment structures;
  private final long offset;
  private final long freshWord;
  private final int freshCount;

  /**
   * @param structures where the word lies
   * @param offset where in there, in bytes
   * @param freshWord what a fresh page's word is in this life
   * @param freshCount the count that this word says
   */
  PageWord(MemorySegment structures, long offset, long freshWord, int freshCount) {
    this.structures = structures;
    this.offset = offset;
    this.freshWord = freshWord;
    this.freshCount = freshCount;
  }

  /**
   * The word of all fresh pages of a life.
   *
   * @param life its number, of which {@link #LIFE_BITS} count
   */
  public static long fresh(int life) {
    return (long) life << LIFE_SHIFT;
  }

  private long read() {
    return (long) LONG.get(structures, offset);
  }

  private boolean replace(long word, long by) {
    return LONG.weakCompareAndSet(structures, offset, word, by);
  }

  private boolean isOurs(long word) {
    return isOfLife(word, freshWord);
  }

  private static boolean isOfLife(long word, long freshWord) {
    return (word ^ freshWord) >>> LIFE_SHIFT == 0;
  }

  private long ours() {
    long word = (long) LONG.getVolatile(structures, offset);
    return isOurs(word) ? word : freshWord;
  }

  /** The count by gets, less that of a fresh page: the lowest bits, with their sign. */
  private static int stored(long word) {
    int shift = Integer.SIZE - COUNT_BITS;
    return (int) word << shift >> shift;
  }

  private static int holds(long word) {
    return (int) (word >>> COUNT_BITS & MAX_HOLDS);
  }

  private static long withCount(long word, int stored) {
    return (word & ~COUNT_MASK) | (stored & COUNT_MASK);
  }

  /** The count, holds included. */
  public int count() {
    long word = ours();
    return freshCount + stored(word) + holds(word);
  }

  /** Whether the page has a flag. */
  public boolean has(long flag) {
    return (ours() & flag) != 0;
  }

  /** Sets or unsets a flag. */
  public void flag(long flag, boolean set) {
    long word;
    do {
      word = read();
    } while (isOurs(word) && !replace(word, set ? word | flag : word & ~flag));
  }

  /** Sets the count if it is what was expected, and no hold is out. */
  public boolean compareAndSetCount(int expected, int count) {
    while (true) {
      long word = read();
      if (stored(word) != expected - freshCount || holds(word) != 0 || !isOurs(word)) {
        return false;
      }
      if (replace(word, withCount(word, count - freshCount))) {
        return true;
      }
    }
  }

  /**
   * Adds 1 to the count, unless that is zero, holds left aside, or as high as it can count.
   *
   * @return whether it was added
   */
  public boolean getUnlessZero() {
    while (true) {
      long word = read();
      int count = freshCount + stored(word);
      if (count == 0 || count == MAX_COUNT || !isOurs(word)) {
        return false;
      }
      if (replace(word, withCount(word, stored(word) + 1))) {
        return true;
      }
    }
  }

  /**
   * Takes 1 off the count, unless only holds are left, or nothing.
   *
   * @return the count before, without holds; negative if the page is free now; 0 if nothing was
   *     taken off
   */
  public int put() {
    while (true) {
      long word = read();
      int count = freshCount + stored(word);
      if (count == 0 || !isOurs(word)) {
        return 0;
      }
      if (replace(word, withCount(word, stored(word) - 1))) {
        return count + holds(word) == 1 ? -1 : count;
      }
    }
  }

  /**
   * Takes 1 off the count if that leaves another holder's: then the page is not freed, and since
   * each count beyond a fresh page's holds the map, the caller has one reference of it to give
   * back. The caller need not hold the map: a word that is this life's and counts two or more is
   * proof that some thread does, until the count is gone.
   *
   * @return whether it was taken off
   */
  public boolean putAnother() {
    while (true) {
      long word = read();
      if (freshCount + stored(word) < 2 || !isOurs(word)) {
        return false;
      }
      if (replace(word, withCount(word, stored(word) - 1))) {
        return true;
      }
    }
  }

  // ---- holds; static, so that holding a page makes no object but the hold ------------------

  /**
   * Adds a hold, unless the page is free, or only holds of it are left.
   *
   * @return whether it was added
   * @throws IllegalStateException if the page cannot count another
   */
  static boolean hold(MemorySegment structures, long offset, long freshWord, int freshCount) {
    while (true) {
      long word = (long) LONG.get(structures, offset);
      if (!isOfLife(word, freshWord) || freshCount + stored(word) == 0) {
        return false;
      }
      if (holds(word) == MAX_HOLDS) {
        throw new IllegalStateException("%d holds of one page are out".formatted(MAX_HOLDS));
      }
      if (LONG.weakCompareAndSet(structures, offset, word, word + HOLD)) {
        return true;
      }
    }
  }

  /** A count of zero becomes that of a fresh page, unless a hold is out. */
  static void renew(MemorySegment structures, long offset, long freshWord, int freshCount) {
    long word;
    do {
      word = (long) LONG.get(structures, offset);
    } while (isOfLife(word, freshWord)
        && freshCount + stored(word) + holds(word) == 0
        && !LONG.weakCompareAndSet(structures, offset, word, withCount(word, 0)));
  }

  /** Whether one hold is out, and nothing else keeps the page from being free. */
  static boolean isSoleHold(MemorySegment structures, long offset, int freshCount) {
    long word = (long) LONG.get(structures, offset);
    return freshCount + stored(word) + holds(word) == 1;
  }

  /**
   * Takes a hold off. The caller holds the map.
   *
   * @return whether the page is free now
   */
  static boolean unhold(MemorySegment structures, long offset, int freshCount) {
    long before = (long) LONG.getAndAdd(structures, offset, -HOLD);
    return freshCount + stored(before) + holds(before) == 1;
  }
}
