// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * A page's word in one life of its map, and every change that is made to its counts.
 *
 * <pre>
 *   | life: 16 | tail: 1 | order: 5 | flags: 2 | holds: 14 | count, less a fresh page's: 26 bits |
 * </pre>
 *
 * <p>Holds are counted apart from gets and puts, so that no put drops one. What a page counts is
 * the sum of both, and the page is free when that is zero, or the map's own reference alone (row
 * 29). Once only holds are left, nothing is added: a get then could not say whether it took the
 * place of the map's own reference.
 *
 * <p>Tail and order are of a hand-out of several pages (row 5 of {@code docs/kernels.md}). Its
 * first page counts, and has its order; each other one is a tail of that order, which counts zero,
 * and which nothing else changes until the hand-out ends. The order stays with the first page until
 * it is handed out again. Where single pages alone are handed out, the bit of a tail says that the
 * unmapping took the map's own reference off (row 31).
 *
 * <p>The word's block was touched in that life. A word of another life reads as a fresh page's, and
 * no change to it succeeds: so a holder of a page can put it without first taking the map ({@link
 * #putAnother}).
 *
 * <p>Thread safety: immutable. The word is changed by compare-and-set alone, which is a full fence
 * and decides; so reads before one are plain, and the compiler checks bounds and life of the memory
 * once for both. Those that refuse a change on the strength of such a read come from a volatile
 * read or from taking a reference, and move before neither. Both counts are in one word, so of a
 * put and the close of a hold that run at once, exactly one sees that it leaves none. A hand-out
 * makes its tails first and its first page last, each by compare-and-set from a free page; so of
 * two that overlap, neither has a page of the other, and a head that is found by a tail counts only
 * once all tails are there. A get through a tail demands the order in the same compare-and-set,
 * since the head may have been handed out anew meanwhile.
 */
public final class PageWord {
  private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
  private static final int COUNT_BITS = 26;
  private static final long COUNT_MASK = (1L << COUNT_BITS) - 1;

  /** The largest number of references by get that a page counts. */
  private static final int MAX_COUNT = (int) (COUNT_MASK >>> 1);

  private static final int HOLD_BITS = 14;
  private static final long HOLD = 1L << COUNT_BITS;
  private static final long MAX_HOLDS = (1L << HOLD_BITS) - 1;

  /** What {@link #unhold} returns unless it left the page free. */
  static final int STILL_IN_USE = -1;

  private static final int FLAGS_SHIFT = COUNT_BITS + HOLD_BITS;
  private static final int ORDER_SHIFT = FLAGS_SHIFT + 2;
  private static final int ORDER_BITS = 5;
  private static final long ORDER_MASK = ((1L << ORDER_BITS) - 1) << ORDER_SHIFT;
  private static final long TAIL = 1L << (ORDER_SHIFT + ORDER_BITS);
  private static final long OWN_IS_PUT = TAIL;
  private static final int LIFE_SHIFT = ORDER_SHIFT + ORDER_BITS + 1;

  /** Log2 of the most pages that one hand-out can have. */
  public static final int MAX_ORDER = (1 << ORDER_BITS) - 1;

  /** What {@link #put} returns if it took nothing off. No page in use has this word. */
  public static final long NOT_PUT = -1;

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
  private final int keptFresh;

  /**
   * @param structures where the word lies
   * @param offset where in there, in bytes
   * @param freshWord what a fresh page's word is in this life
   * @param freshCount the count that this word says
   * @param keptFresh how many of them keep a fresh page from being free: the others are the map's
   *     own, and of a free page, too (row 29)
   */
  PageWord(MemorySegment structures, long offset, long freshWord, int freshCount, int keptFresh) {
    this.structures = structures;
    this.offset = offset;
    this.freshWord = freshWord;
    this.freshCount = freshCount;
    this.keptFresh = keptFresh;
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

  private static int order(long word) {
    return (int) ((word & ORDER_MASK) >>> ORDER_SHIFT);
  }

  private static long withOrder(long word, int order) {
    return (word & ~(TAIL | ORDER_MASK)) | (long) order << ORDER_SHIFT;
  }

  /** Whether a page can be handed out, or be a tail of what is. */
  private static boolean isFree(long word, long freshWord, int keptFresh) {
    return isOfLife(word, freshWord)
        && (word & TAIL) == 0
        && keptFresh + stored(word) == 0
        && holds(word) == 0;
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

  /**
   * Adds 1 to the count, unless that is zero, holds left aside, or as high as it can count.
   *
   * @return whether it was added
   */
  public boolean getUnlessZero() {
    return getUnlessZero(0);
  }

  /**
   * Adds 1 to the count, unless that is zero, holds left aside, or as high as it can count.
   *
   * @param covered how many pages behind this one it has to cover, in a map of hand-outs
   * @return whether it was added
   */
  boolean getUnlessZero(long covered) {
    while (true) {
      long word = read();
      int count = freshCount + stored(word);
      if (count == 0 || count == MAX_COUNT || !isOurs(word) || covered >>> order(word) != 0) {
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
   * @return the word before, which {@link #heldBefore}, {@link #isFreedBy} and {@link #orderBefore}
   *     read; {@link #NOT_PUT} if nothing was taken off
   */
  public long put() {
    while (true) {
      long word = read();
      if (freshCount + stored(word) == 0 || !isOurs(word)) {
        return NOT_PUT;
      }
      if (replace(word, withCount(word, stored(word) - 1))) {
        return word;
      }
    }
  }

  /** How many references by get there were before a put, without the map's own and holds. */
  static int getsBefore(long before) {
    return stored(before) + ((before & OWN_IS_PUT) == 0 ? 0 : 1);
  }

  /**
   * How many references of the map a put gives back: none if the map's own was put, and of the last
   * one what the hand-out took.
   */
  public static long heldBefore(long before) {
    int gets = getsBefore(before);
    return gets <= 0 ? 0 : gets == 1 ? 1L << order(before) : 1;
  }

  /** Whether the page is free since a put. */
  public boolean isFreedBy(long before) {
    return keptFresh + stored(before) == 1 && holds(before) == 0;
  }

  /** Log2 of how many pages the hand-out had that the put was of. */
  public static int orderBefore(long before) {
    return order(before);
  }

  /**
   * Takes 1 off the count if that leaves another holder's: then the page is not freed, and since
   * each count beyond a fresh page's holds the map, the caller has one reference of it to give
   * back. The caller need not hold the map: a word that is this life's and counts two or more is
   * proof that some thread does, until the count is gone. The map's own reference to a free page
   * does not count for that.
   *
   * @return whether it was taken off
   */
  public boolean putAnother() {
    while (true) {
      long word = read();
      if (keptFresh + stored(word) < 2 || !isOurs(word)) {
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
   * @param keptFresh how many references of the map keep a fresh page from being free
   * @param covered how many pages behind this one it has to cover, in a map of hand-outs
   * @return whether it was added
   * @throws IllegalStateException if the page cannot count another
   */
  static boolean hold(
      MemorySegment structures, long offset, long freshWord, int keptFresh, long covered) {
    while (true) {
      long word = (long) LONG.get(structures, offset);
      if (!isOfLife(word, freshWord)
          || keptFresh + stored(word) <= 0
          || covered >>> order(word) != 0) {
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

  /** A count of zero becomes that of a fresh page, unless a hold is out, or the own one was put. */
  static void renew(MemorySegment structures, long offset, long freshWord, int freshCount) {
    long word;
    do {
      word = (long) LONG.get(structures, offset);
    } while (isOfLife(word, freshWord)
        && (word & OWN_IS_PUT) == 0
        && freshCount + stored(word) + holds(word) == 0
        && !LONG.weakCompareAndSet(structures, offset, word, withCount(word, 0)));
  }

  /** Whether one hold is out, and nothing else keeps the page from being free. */
  static boolean isSoleHold(MemorySegment structures, long offset, int keptFresh) {
    long word = (long) LONG.get(structures, offset);
    return keptFresh + stored(word) <= 0 && holds(word) == 1;
  }

  /**
   * Takes a hold off. The caller holds the map.
   *
   * @return if the page is free now, the order of the hand-out that has ended; else {@link
   *     #STILL_IN_USE}
   */
  static int unhold(MemorySegment structures, long offset, int keptFresh) {
    long before = (long) LONG.getAndAdd(structures, offset, -HOLD);
    boolean isLast = keptFresh + stored(before) <= 0 && holds(before) == 1;
    return isLast ? order(before) : STILL_IN_USE;
  }

  /**
   * Takes the map's own reference off, once, unless somebody has put it.
   *
   * @return whether the page is free since then, though it has a reference: only where the own one
   *     does not keep a fresh page from being free (row 29)
   */
  static boolean putOwn(
      MemorySegment structures, long offset, long freshWord, int freshCount, int keptFresh) {
    while (true) {
      long word = (long) LONG.get(structures, offset);
      if (!isOfLife(word, freshWord)
          || (word & OWN_IS_PUT) != 0
          || freshCount + stored(word) == 0) {
        return false;
      }
      long by = withCount(word, stored(word) - 1) | OWN_IS_PUT;
      if (LONG.weakCompareAndSet(structures, offset, word, by)) {
        return keptFresh == 0 && stored(word) == 1 && holds(word) == 0;
      }
    }
  }

  // ---- hand-outs; static for the same reason: one can have a million tails -----------------

  /** The order of the hand-out that a tail belongs to; -1 for any other page. */
  static int tailOrder(MemorySegment structures, long offset, long freshWord) {
    long word = (long) LONG.getVolatile(structures, offset);
    return isOfLife(word, freshWord) && (word & TAIL) != 0 ? order(word) : -1;
  }

  /** The order of the last hand-out of a page, or of the one that it is a tail of. */
  static int order(MemorySegment structures, long offset, long freshWord) {
    long word = (long) LONG.getVolatile(structures, offset);
    return isOfLife(word, freshWord) ? order(word) : 0;
  }

  /**
   * Hands a free page out: it has one reference, and this order.
   *
   * @return false if the page is in use, or a tail
   */
  static boolean handOut(
      MemorySegment structures, long offset, long freshWord, int keptFresh, int order) {
    while (true) {
      long word = (long) LONG.get(structures, offset);
      if (!isFree(word, freshWord, keptFresh)) {
        return false;
      }
      long by = withCount(withOrder(word, order), 1 - keptFresh);
      if (LONG.weakCompareAndSet(structures, offset, word, by)) {
        return true;
      }
    }
  }

  /**
   * Makes a free page a tail.
   *
   * @return false if the page is in use, or a tail already
   */
  static boolean makeTail(MemorySegment structures, long offset, long freshWord, int order) {
    while (true) {
      long word = (long) LONG.get(structures, offset);
      if (!isFree(word, freshWord, 0)) {
        return false;
      }
      if (LONG.weakCompareAndSet(structures, offset, word, withOrder(word, order) | TAIL)) {
        return true;
      }
    }
  }

  /** A tail becomes a free page. The caller alone may change it but for its flags. */
  static void endTail(MemorySegment structures, long offset) {
    long word;
    do {
      word = (long) LONG.get(structures, offset);
    } while (!LONG.weakCompareAndSet(structures, offset, word, withOrder(word, 0)));
  }

  /**
   * Makes the first page of a hand-out a tail, so that the caller alone may change the hand-out.
   *
   * @return false if it is no hand-out of that order, or not this one reference is all there is
   */
  static boolean freeze(MemorySegment structures, long offset, long freshWord, int order) {
    while (true) {
      long word = (long) LONG.get(structures, offset);
      boolean isSole =
          isOfLife(word, freshWord)
              && (word & TAIL) == 0
              && order(word) == order
              && stored(word) == 1
              && holds(word) == 0;
      if (!isSole) {
        return false;
      }
      if (LONG.weakCompareAndSet(structures, offset, word, withCount(word, 0) | TAIL)) {
        return true;
      }
    }
  }

  /** A tail gets another order, or becomes the first page of a hand-out with one reference. */
  static void become(MemorySegment structures, long offset, int order, boolean isFirst) {
    long word;
    long by;
    do {
      word = (long) LONG.get(structures, offset);
      by = isFirst ? withCount(withOrder(word, order), 1) : withOrder(word, order) | TAIL;
    } while (!LONG.weakCompareAndSet(structures, offset, word, by));
  }
}
