// SPDX-License-Identifier: Apache-2.0
package dev.memremap.ref;

/**
 * The part of a reference's count that threads keep for themselves: the kernel's per-CPU words.
 *
 * <p>This is the seam behind which another way to keep it can be put. Whatever it is, it must be
 * exact: an {@link #add} that answers true is in the sum of the next {@link #close} or of none
 * before it, one that answers false is in no sum.
 *
 * <p>Thread safety: {@code add} and {@code sum} may be called by any thread at any time; {@code
 * open} and {@code close} are called in turn, under the reference's lock.
 */
interface PercpuCounts {

  /**
   * Adds to this thread's part.
   *
   * @param n from -{@link #MOST} to {@link #MOST}
   * @return false if the counts are closed, and then nothing was added
   */
  boolean add(long n);

  /** The largest number that {@link #add} takes, so that no part ever overflows. */
  long MOST = 1 << 16;

  /** The parts' sum; exact only while nobody adds. Zero while closed. */
  long sum();

  /** Closes all parts and returns what they held: every later {@link #add} answers false. */
  long close();

  /** Opens all parts, which hold zero then. */
  void open();
}
