// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.fault;

/**
 * Looks after threads that wait for the store. If all that serve faults do, one more is started;
 * and a page that has been waited for longer than the limit is poisoned, and one that the store has
 * not taken for as long is let go.
 *
 * <p>Thread safety: one thread's.
 */
final class Watch implements Runnable {
  private static final long PAUSE_MILLIS = 50;
  private static final long STUCK_NANOS = 50_000_000;
  private static final int SERVERS_MOST = 32;

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
    for (Fetch fetch : pager.fetches()) {
      int first = fetch.first();
      long waits = now - fetch.since();
      if (first >= 0 && waits >= pager.outages().limitNanos()) {
        int end = first + fetch.count();
        for (int page = first; page < end && fetch.first() == first; page++) {
          pager.outages().poisonStuck(page, waits / 1_000_000);
        }
      }
    }
    if (pager.outages().isBounded()) {
      for (Eviction eviction : pager.evictions()) {
        eviction.abandonStuck(now, pager.outages().limitNanos());
      }
    }
    boolean allWait =
        pager.servers().stream()
            .allMatch(
                server ->
                    server.fetch().first() >= 0 && now - server.fetch().since() >= STUCK_NANOS);
    if (allWait && pager.servers().size() < SERVERS_MOST) {
      pager.startServer();
    }
  }
}
