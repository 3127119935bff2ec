// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.fault;

import java.util.function.BooleanSupplier;

/**
 * Looks after threads that wait for the store. One that serves faults and waits for long gives the
 * lead to another; a page that has been waited for longer than the limit is poisoned, and one that
 * the store has not taken for as long is let go.
 *
 * <p>Thread safety: one thread's.
 */
final class Watch implements Runnable {
  private static final long PAUSE_MILLIS = 50;
  private static final long STUCK_NANOS = 50_000_000;

  /** A node that takes a write for so long is not given others that can wait. */
  private static final long LOST_NANOS = 200_000_000;

  private final Pager pager;

  Watch(Pager pager) {
    this.pager = pager;
  }

  @Override
  public void run() {
    try {
      while (!pager.isStopping()) {
        Thread.sleep(PAUSE_MILLIS);
        look();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Throwable e) {
      pager.failed(e);
    }
  }

  private void look() throws Exception {
    long now = System.nanoTime();
    pager.outages().poisonLate(now);
    for (Fetch fetch : pager.fetches()) {
      int first = fetch.first();
      long since = fetch.since();
      long waits = now - since;
      if (first >= 0 && waits >= pager.outages().limitNanos()) {
        BooleanSupplier asked = () -> fetch.first() == first && fetch.since() == since;
        int end = first + fetch.count();
        for (int page = first; page < end && asked.getAsBoolean(); page++) {
          pager.outages().poisonStuck(page, waits / 1_000_000, asked);
        }
      }
    }
    for (Eviction eviction : pager.evictions()) {
      eviction.noteStuck(now, LOST_NANOS);
      if (pager.outages().isBounded()) {
        eviction.abandonStuck(now, pager.outages().limitNanos());
      }
    }
    for (FaultServer server : pager.servers()) {
      if (now - server.fetch().waitsSince(now) >= STUCK_NANOS) {
        server.passOn();
      }
    }
  }
}
