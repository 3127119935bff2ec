// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.fault;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Keeps some room free, so that a fault need not take a page out first: below the low mark it takes
 * pages out until the high mark is reached. Where all pages may be in memory at once, room is never
 * needed, and it takes none out.
 *
 * <p>Thread safety: {@code idle} is volatile, and set before the thread looks for room once more
 * and parks; so a fault that leaves little room either finds it idle and wakes it, or is seen by
 * it.
 */
final class Evictor implements Runnable {
  private static final int LOW_SHARE = 32;
  private static final int LOW_MOST = 2048;
  private static final long PAUSE_NANOS = 10_000_000;

  private final Pager pager;
  private final int low;
  private final int high;
  private volatile boolean idle;
  private volatile @Nullable Thread thread;

  Evictor(Pager pager) {
    this.pager = pager;
    int limit = pager.table().limit();
    this.low = limit < pager.table().pages() ? Math.clamp(limit / LOW_SHARE, 1, LOW_MOST) : 0;
    this.high = 2 * low;
  }

  /** Looks whether there is room enough; to be called when a page came in. */
  void look() {
    if (idle && pager.table().room() < low) {
      idle = false;
      LockSupport.unpark(thread);
    }
  }

  @Override
  public void run() {
    thread = Thread.currentThread();
    Eviction eviction = pager.eviction(true);
    try {
      while (!pager.isStopping()) {
        idle = true;
        while (idle && pager.table().room() >= low) {
          LockSupport.park(this);
        }
        idle = false;
        while (pager.table().room() < high && !pager.isStopping()) {
          if (eviction.evict(Math.min(Eviction.RUN, high), false) == 0) {
            LockSupport.parkNanos(PAUSE_NANOS); // all are busy or pinned, or the store takes none
          }
        }
      }
    } catch (Throwable e) {
      pager.failed(e);
    }
  }
}
