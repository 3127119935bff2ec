// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * A page's word in one life of its map, and every change that is made to its count.
 *
 * <pre>
 *   | life: 30 bits | flags: 2 bits | count, less that of a fresh page: 32 bits |
 * </pre>
 *
 * <p>The word's block was touched in that life. A word of another life reads as a fresh page's, and
 * no change to it succeeds: so a holder of a page can put it without first taking the map ({@link
 * #putAnother}).
 *
 * <p>Thread safety: immutable. The word is changed by compare-and-set alone, which is a full fence
 * and decides; so reads before one are plain, and the compiler checks bounds and life of the memory
 * once for both. Those that refuse a change on the strength of such a read come from a volatile
 * read or from taking a reference, and move before neither.
 */
public final class PageWord {
  private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
  private static final long COUNT_MASK = 0xffff_ffffL;
  private static final int LIFE_SHIFT = 34;

  /** Set when a page is reserved no longer: fresh pages of a device are. */
  public static final long NOT_RESERVED = 1L << 32;

  /** {@code PG_hwpoison}. */
  public static final long POISONED = 1L << 33;

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
   * @param life its number, of 30 bits
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
    return (word ^ freshWord) >>> LIFE_SHIFT == 0;
  }

  private long ours() {
    long word = (long) LONG.getVolatile(structures, offset);
    return isOurs(word) ? word : freshWord;
  }

  private static long withCount(long word, int stored) {
    return (word & ~COUNT_MASK) | (stored & COUNT_MASK);
  }

  /** The count. */
  public int count() {
    return freshCount + (int) ours();
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

  /** Sets the count if it is what was expected. */
  public boolean compareAndSetCount(int expected, int count) {
    while (true) {
      long word = read();
      if ((int) word != expected - freshCount || !isOurs(word)) {
        return false;
      }
      if (replace(word, withCount(word, count - freshCount))) {
        return true;
      }
    }
  }

  /**
   * Adds 1 or -1 to the count, unless that is zero, or as high as it can count.
   *
   * @return the count before; 0 if nothing was added
   */
  public int addUnlessZero(int n) {
    while (true) {
      long word = read();
      int count = freshCount + (int) word;
      if (count == 0 || (n > 0 && count == Integer.MAX_VALUE) || !isOurs(word)) {
        return 0;
      }
      if (replace(word, withCount(word, (int) word + n))) {
        return count;
      }
    }
  }

  /**
   * Takes 1 off the count if that leaves another holder's: then the page is not freed, and since
   * each count beyond a fresh page's holds the map, the caller has one reference of it to give
   * back. The caller need not hold the map: a word that is this life's and counts two or more is
   * proof that somebody does, until the count is gone.
   *
   * @return whether it was taken off
   */
  public boolean putAnother() {
    while (true) {
      long word = read();
      if (freshCount + (int) word < 2 || !isOurs(word)) {
        return false;
      }
      if (replace(word, withCount(word, (int) word - 1))) {
        return true;
      }
    }
  }
}
