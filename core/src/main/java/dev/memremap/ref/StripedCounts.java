// SPDX-License-Identifier: Apache-2.0
package dev.memremap.ref;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Counts in atomic cells, one for each stripe of threads.
 *
 * <p>A cell says in its own value whether it is closed: closing swaps a number in that no open cell
 * can hold. So the add that comes too late sees it in the value it adds to, and what it added is
 * lost with the closed cell; no grace period is needed, and no fence beside the addition.
 *
 * <pre>
 *   chunk (of up to 8 references):
 *   | length, 128 bytes free | stripe 0: r0 r1 … r7 | 64 bytes free | stripe 1: r0 r1 … r7 | 64 bytes free | …
 * </pre>
 *
 * <p>A thread belongs to the stripe of its number, and there are four times as many stripes as
 * processors. The cells that one stripe's threads write lie together, as the kernel's per-CPU areas
 * do, and more than a cache line away from those of the next, and from the array's length, which
 * every access reads: so a thread writes to no line that a thread of another stripe uses, and a
 * reference costs 16 bytes a stripe.
 *
 * <p>Thread safety: cells are only changed by atomic operations. {@code close} and {@code open} are
 * called in turn under the reference's lock. An add that was on its way while the cells were closed
 * and opened again meets a closed cell, and answers false, or an open one, and counts: its place in
 * the cell's order of changes decides, so the sum is exact. The addition is a full fence on x86-64
 * and has volatile semantics everywhere: what a thread did before its put is seen by whoever closes
 * the cell.
 */
final class StripedCounts {
  private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int REFERENCES_IN_CHUNK = 8;
  private static final int LONGS_IN_STRIPE = 16;
  private static final int STRIPES = stripes(Runtime.getRuntime().availableProcessors());

  /**
   * What a closed cell is set to. Between it and what any open cell holds lie 2^62, which the
   * largest additions cross after 2^44 at the earliest; late ones to a closed cell are at most one
   * a thread.
   */
  private static final long CLOSED = Long.MIN_VALUE / 2;

  private static final long HIGHEST_CLOSED = Long.MIN_VALUE / 4;

  private static final Object ALLOTTING = new Object();
  private static long[] chunk = new long[0];
  private static int allotted = REFERENCES_IN_CHUNK;

  private final long[] cells;
  private final int first;

  private StripedCounts(long[] cells, int first) {
    this.cells = cells;
    this.first = first;
  }

  private static int stripes(int processors) {
    int wanted = Math.clamp(4L * processors, 4, 1024);
    return Integer.highestOneBit(2 * wanted - 1);
  }

  /**
   * Counts in a place of their own, closed.
   *
   * <p>Only the allotting of places is shared by all references of this JVM, like the processors
   * that the places stand for; it is guarded by {@code ALLOTTING}. A chunk is garbage once its
   * references are.
   */
  static StripedCounts closed() {
    StripedCounts counts;
    synchronized (ALLOTTING) {
      if (allotted == REFERENCES_IN_CHUNK) {
        chunk = new long[(STRIPES + 1) * LONGS_IN_STRIPE];
        allotted = 0;
      }
      counts = new StripedCounts(chunk, LONGS_IN_STRIPE + allotted++);
    }
    counts.close();
    return counts;
  }

  boolean add(long n) {
    int stripe = (int) Thread.currentThread().threadId() & (STRIPES - 1);
    long before = (long) CELL.getAndAdd(cells, first + stripe * LONGS_IN_STRIPE, n);
    return before > HIGHEST_CLOSED;
  }

  long sum() {
    long sum = 0;
    for (int i = first; i < cells.length; i += LONGS_IN_STRIPE) {
      long value = (long) CELL.getVolatile(cells, i);
      sum += value > HIGHEST_CLOSED ? value : 0;
    }
    return sum;
  }

  long close() {
    long sum = 0;
    for (int i = first; i < cells.length; i += LONGS_IN_STRIPE) {
      long value = (long) CELL.getAndSet(cells, i, CLOSED);
      sum += value > HIGHEST_CLOSED ? value : 0;
    }
    return sum;
  }

  void open() {
    for (int i = first; i < cells.length; i += LONGS_IN_STRIPE) {
      CELL.setVolatile(cells, i, 0L);
    }
  }
}
