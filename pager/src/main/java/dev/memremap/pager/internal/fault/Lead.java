// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.fault;

import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Which thread is told of the next faults: one of those that serve them, since the kernel would
 * wake all that read. It keeps the lead while it serves a fault that the store answers at once, for
 * waking another thread takes longer than that. Where the store is slow, as one behind a network
 * is, it gives the lead away first, so that faults of many threads wait for the store together; and
 * the watch takes it away from one that waits for long.
 *
 * <p>Thread safety: {@code free} has one permit, which is the lead. The thread that takes the
 * permit sees all that happened before it was given. A thread's {@link Hold} says whether it has
 * the permit: the thread sets it after it has taken the permit. It and the watch may give the
 * permit back, and {@code getAndSet} lets only one of them do it. {@code idle} counts threads that
 * wait for the lead, or will in a moment: one that is counted takes the permit that was given,
 * since no other is given before. A thread that comes too late to be counted has one more started
 * than is needed, no more. {@code nanos} is an estimate: of two threads that write it at once one
 * is lost, and nothing depends on the order.
 */
final class Lead {
  /** Handing the lead on costs a tenth of it. */
  private static final long SLOW_NANOS = 100_000;

  /** A fault that took longer, as one does in an outage, counts no more than this. */
  private static final long COUNTED_MOST = 4 * SLOW_NANOS;

  /** Each fault is an eighth of the estimate. */
  private static final int WEIGHT = 3;

  private final Semaphore free = new Semaphore(1);
  private final AtomicInteger idle = new AtomicInteger();
  private final AtomicLong nanos = new AtomicLong();
  private final Runnable starter;

  /**
   * No thread has the lead yet.
   *
   * @param starter starts one more thread that serves faults, if there may be more
   */
  Lead(Runnable starter) {
    this.starter = starter;
  }

  /** Whether faults have taken so long lately that the next one is better not waited for. */
  boolean isSlow() {
    return nanos.getOpaque() >= SLOW_NANOS;
  }

  /** Notes how long a fault took. */
  void took(long fault) {
    long before = nanos.getOpaque();
    nanos.setOpaque(before + ((Math.min(fault, COUNTED_MOST) - before) >> WEIGHT));
  }

  /** One thread's part in it. The thread is to take the lead soon after this was made. */
  final class Hold {
    private final AtomicBoolean has = new AtomicBoolean();
    private boolean isNew = true;

    Hold() {
      idle.incrementAndGet();
    }

    /** Takes the lead, unless this thread has it; waits while another one has it. */
    void take() throws InterruptedException {
      if (has.get()) {
        return;
      }
      if (!isNew) {
        idle.incrementAndGet();
      }
      isNew = false;
      free.acquire();
      idle.decrementAndGet();
      has.set(true);
    }

    /** Whether this thread has it. */
    boolean isHeld() {
      return has.get();
    }

    /** Gives the lead, if this thread has it, to one that waits for it, or to a new one. */
    void give() {
      if (has.getAndSet(false)) {
        boolean isAwaited = idle.get() > 0;
        free.release();
        if (!isAwaited) {
          starter.run();
        }
      }
    }
  }
}
