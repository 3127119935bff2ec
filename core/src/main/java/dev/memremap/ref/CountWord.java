// SPDX-License-Identifier: Apache-2.0
package dev.memremap.ref;

/**
 * The word of a reference that every thread may change: a count and what has become of the
 * reference, so that one compare-and-set decides about both.
 *
 * <pre>
 *   63                                        3         2           1        0
 *   | count, signed, and BIAS in per-CPU mode | TELLING | RELEASING | EXITED | DEAD |
 * </pre>
 *
 * <p>In per-CPU mode {@link #BIAS} is added to the count, so that no drop makes it zero (PR-7).
 */
final class CountWord {
  /** Killed, and not brought back. */
  static final long DEAD = 1;

  /** Exited, for good. */
  static final long EXITED = 2;

  /** Dropped to zero; whatever waits for that is being told. */
  static final long RELEASING = 4;

  /** The first part of releasing: what lived by the reference is being told. */
  static final long TELLING = 8;

  private static final int SHIFT = 4;
  private static final long FLAGS = DEAD | EXITED | RELEASING | TELLING;

  /** What is added to a count in per-CPU mode. */
  static final long BIAS = 1L << 58;

  /** Counts up to here are those of atomic mode, larger ones those of per-CPU mode. */
  private static final long ATOMIC_MOST = 1L << 57;

  private CountWord() {}

  static long of(long count, long flags) {
    return (count << SHIFT) | flags;
  }

  static long count(long word) {
    return word >> SHIFT;
  }

  static boolean has(long word, long flag) {
    return (word & flag) != 0;
  }

  /** How high this count may be raised in its mode: so far that modes cannot be confused. */
  static long highest(long count) {
    return count <= ATOMIC_MOST ? ATOMIC_MOST : BIAS + ATOMIC_MOST - (1L << 50);
  }

  /** How low this count may be dropped in its mode: in atomic mode to zero. */
  static long lowest(long count) {
    return count <= ATOMIC_MOST ? 0 : ATOMIC_MOST + 1;
  }

  /** The word with another count and the same flags. */
  static long with(long word, long count) {
    return of(count, word & FLAGS);
  }
}
