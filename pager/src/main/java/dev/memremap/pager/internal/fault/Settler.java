// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.fault;

import dev.memremap.pager.internal.state.Counter;
import dev.memremap.pager.store.StoreException;

/**
 * Flushes the store about once a second if pages were written to it. It is promised to none; but a
 * worker that takes over has to look at all that was written since the last flush.
 *
 * <p>Thread safety: one thread's.
 */
final class Settler implements Runnable {
  private static final long PAUSE_MILLIS = 1_000;

  private final Pager pager;
  private long settled;

  Settler(Pager pager) {
    this.pager = pager;
    this.settled = pager.state().get(Counter.WRITTEN);
  }

  @Override
  public void run() {
    try {
      while (!pager.isStopping()) {
        Thread.sleep(PAUSE_MILLIS);
        settle();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      pager.failed(e);
    }
  }

  private void settle() {
    long written = pager.state().get(Counter.WRITTEN);
    if (written != settled) {
      try {
        pager.store().flush();
        settled = written;
      } catch (StoreException e) {
        // an application that needs the flush asks for one itself, and is told
      }
    }
  }
}
