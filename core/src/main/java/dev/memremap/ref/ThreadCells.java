// SPDX-License-Identifier: Apache-2.0
package dev.memremap.ref;

import dev.memremap.spi.Membarrier;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Counts in cells that each have one thread to add to them, from when they are made until they are
 * closed, without an atomic instruction. The thread adds, then looks whether the cells are closed;
 * whoever closes says so first, has all threads pass a barrier, and then takes what the cells hold:
 *
 * <pre>
 *   the owner, adding                         whoever closes
 *   b = cell (opaque)                         closed = true
 *   S: cell = b + n (release)                 X: membarrier
 *   Y: releaseFence, acquireFence             E: e = exchange(cell, CLOSED), for each cell
 *   L: if not closed: counted                 the sum is all e
 *   C: else compare-and-set(cell, b + n → b):
 *      done: not counted; else: counted
 * </pre>
 *
 * <p>No thread waits for another. An owner that does not run holds up no thread; if it runs again
 * long afterwards, it writes to cells that are not read any more. Closed cells are never opened
 * again; a reference that goes on gets new ones.
 *
 * <p><b>Claim.</b> An addition that is counted is in the sum, one that is not is not in it.
 *
 * <p><b>What the barrier gives.</b> If L does not see {@code closed}, then S comes before E in the
 * order of the cell's changes. On x86-64 a store becomes visible after a later load only by waiting
 * in its processor's store buffer. The membarrier has every processor that runs a thread of this
 * process drain that buffer, between the write of {@code closed} and E; a thread that does not run
 * drained it when it was switched out. An L before that point has its S before it, too, for Y keeps
 * the compiler from swapping them (see below), and so S is visible to E; an L after it sees {@code
 * closed}. In the C11 model: X is {@code atomic_thread_fence(seq_cst)} and Y {@code
 * atomic_signal_fence(seq_cst)}, which membarrier makes stand in the one order S of all such fences
 * (C++ calls the pair asymmetric fences, P1202). If Y comes before X in S, E reads S or something
 * later (29.3 p4–6); if X comes before Y, L reads {@code closed}.
 *
 * <p><b>Proof.</b> To one cell, the owner writes S and perhaps C, and the closer E, once. In the
 * order of the cell's changes:
 *
 * <ol>
 *   <li>E before S: E took what was there before the addition. By the barrier L sees {@code
 *       closed}, and C finds what S wrote, since no other thread writes any more: not counted, and
 *       not in the sum.
 *   <li>S before E, and no C before E: E took the addition with the cell. Either L did not see
 *       {@code closed}, and it is counted; or C comes after E, finds CLOSED, fails: counted.
 *   <li>S, C, E: C took the addition back before E came: not counted, and not in the sum.
 * </ol>
 *
 * <p>A later addition of the same owner is a case of 1, whatever the cell holds, CLOSED included. S
 * is a release and E an acquire: what an owner did before a put that counts happens before what the
 * closer does with the sum; and Y keeps what follows a get behind it.
 *
 * <p><b>What this rests on.</b> Java's memory model orders neither a release store before a later
 * load nor knows of membarrier. HotSpot's fences are barriers to its compilers in both directions,
 * and {@code releaseFence} and {@code acquireFence} compile to nothing on x86-64. Therefore {@link
 * FastPath} makes such cells nowhere else, and only after a trial.
 *
 * <p>Thread safety: {@link #add} by the slot's owner (see {@link CellOwners}, which also hands what
 * one owner wrote to the next), {@link #close} once, {@link #sum} by any thread.
 */
final class ThreadCells {
  private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);

  /** As in {@link StripedCounts}: what the same thread writes lies together, others far away. */
  private static final int REFERENCES_IN_CHUNK = 8;

  private static final int LONGS_IN_SLOT = 16;

  /** No count comes near it: additions have at most 17 bits. */
  private static final long CLOSED = Long.MIN_VALUE;

  private static final Object ALLOTTING = new Object();
  private static long[] chunk = new long[0];
  private static int allotted = REFERENCES_IN_CHUNK;

  private final long[] cells;
  private final int first;
  private final Membarrier membarrier;
  private volatile boolean closed;

  private ThreadCells(long[] cells, int first, Membarrier membarrier) {
    this.cells = cells;
    this.first = first;
    this.membarrier = membarrier;
  }

  /** Cells at zero. */
  static ThreadCells open(Membarrier membarrier) {
    synchronized (ALLOTTING) {
      if (allotted == REFERENCES_IN_CHUNK) {
        chunk = new long[(CellOwners.SLOTS + 1) * LONGS_IN_SLOT];
        allotted = 0;
      }
      return new ThreadCells(chunk, LONGS_IN_SLOT + allotted++, membarrier);
    }
  }

  /**
   * Adds to the current thread's cell.
   *
   * @param slot its slot
   * @param n not zero, from -{@link PercpuCounts#MOST} to {@link PercpuCounts#MOST}
   * @return whether it is counted
   */
  boolean add(int slot, long n) {
    // read once: the compiler must not assume after an opaque access that a field is what it was
    long[] own = cells;
    int cell = first + slot * LONGS_IN_SLOT;
    long before = (long) CELL.getOpaque(own, cell);
    CELL.setRelease(own, cell, before + n);
    VarHandle.releaseFence();
    VarHandle.acquireFence();
    return !closed || !CELL.compareAndSet(own, cell, before + n, before);
  }

  /** The sum of the cells; exact only between additions. */
  long sum() {
    long sum = 0;
    for (int i = first; i < cells.length; i += LONGS_IN_SLOT) {
      long value = (long) CELL.getVolatile(cells, i);
      sum += value == CLOSED ? 0 : value;
    }
    return sum;
  }

  /**
   * Closes them for good.
   *
   * @return what was counted in them
   * @throws IllegalStateException if the system refused the barrier; then they are open
   */
  long close() {
    closed = true;
    boolean passed = false;
    try {
      membarrier.pass();
      passed = true;
    } finally {
      // threads that saw it have taken back what they added
      closed = passed;
    }
    long sum = 0;
    for (int i = first; i < cells.length; i += LONGS_IN_SLOT) {
      sum += (long) CELL.getAndSet(cells, i, CLOSED);
    }
    return sum;
  }
}
