// SPDX-License-Identifier: Apache-2.0
package dev.memremap.ref;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The part of a reference's count that threads keep for themselves: the kernel's per-CPU words.
 * Platform threads add to {@link ThreadCells} once the reference has some; virtual threads, those
 * that got no slot, and all threads where cells are impossible add to {@link StripedCounts}.
 *
 * <p>A reference has cells once it was added to often: one that is made, held a few times and
 * killed costs no barrier and no memory for them.
 *
 * <p>It is exact: an {@link #add} that answers true is in the sum of the next {@link #close} or of
 * none before it, one that answers false is in no sum.
 *
 * <p>Thread safety: {@code add} and {@code sum} may be called by any thread at any time; {@code
 * open} and {@code close} are called in turn, under the reference's lock. {@code open} and the
 * writes to {@code cells} are guarded by this object's lock, so that no cells appear in counts that
 * are being closed; adding reads {@code cells} without it, and whether it counts is decided by the
 * cells or the stripe it adds to, however old they are. {@code warmth} is a guess that may lose
 * additions.
 */
final class PercpuCounts {
  /** The largest number that {@link #add} takes, so that no part ever overflows. */
  static final long MOST = 1 << 16;

  /** So many additions to stripes, and a reference gets cells. */
  private static final int HOT = 1 << 10;

  /** There will be no cells, and nothing is written to what all threads read. */
  private static final int NEVER = -1;

  private final StripedCounts stripes = StripedCounts.closed();
  private volatile @Nullable ThreadCells cells;
  private boolean open;
  private int warmth = FastPath.WISH == FastPath.Wish.STRIPES ? NEVER : 0;

  /**
   * Adds to this thread's part.
   *
   * @param n not zero, from -{@link #MOST} to {@link #MOST}
   * @return false if the counts are closed, and then nothing was added
   */
  boolean add(long n) {
    ThreadCells own = cells;
    if (own != null) {
      int slot = CellOwners.slot(Thread.currentThread().threadId());
      if (slot != CellOwners.NONE) {
        return own.add(slot, n);
      }
    }
    return addShared(own, n);
  }

  private boolean addShared(@Nullable ThreadCells own, long n) {
    if (own != null) {
      int slot = CellOwners.claim();
      if (slot != CellOwners.NONE) {
        return own.add(slot, n);
      }
    } else if (warmth != NEVER && warmth++ >= HOT) {
      heat();
    }
    return stripes.add(n);
  }

  private synchronized void heat() {
    Optional<Membarrier> membarrier = FastPath.membarrierSoon();
    if (membarrier.isEmpty()) {
      warmth = FastPath.isDecided() ? NEVER : 0;
    } else if (open && cells == null) {
      CellOwners.sweep();
      cells = ThreadCells.open(membarrier.get());
    }
  }

  /** Whether platform threads have cells. */
  boolean hasCells() {
    return cells != null;
  }

  /** The parts' sum; exact only while nobody adds. Zero while closed. */
  long sum() {
    ThreadCells own = cells;
    return stripes.sum() + (own == null ? 0 : own.sum());
  }

  /**
   * Closes all parts and returns what they held: every later {@link #add} answers false.
   *
   * @throws IllegalStateException if the system refused the barrier; then they are open
   */
  synchronized long close() {
    ThreadCells own = cells;
    long sum = own == null ? 0 : own.close();
    cells = null;
    open = false;
    return sum + stripes.close();
  }

  /** Opens all parts, which hold zero then. */
  synchronized void open() {
    stripes.open();
    open = true;
    if (FastPath.WISH == FastPath.Wish.CELLS) {
      FastPath.decision();
      heat();
    }
  }
}
