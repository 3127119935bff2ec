// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import org.openjdk.jmh.infra.Blackhole;

/**
 * A thread that works, and that each handshake interrupts.
 *
 * <p>Thread safety: {@code over} is volatile, and tells it to end.
 */
final class BusyThread {
  private final Thread thread = Thread.ofPlatform().daemon().unstarted(this::work);
  private volatile boolean over;

  private BusyThread() {}

  static BusyThread started() {
    BusyThread busy = new BusyThread();
    busy.thread.start();
    return busy;
  }

  private void work() {
    long sum = 1;
    while (!over) {
      for (int i = 0; i < 4096; i++) {
        sum = sum * 31 + i;
      }
      Blackhole.consumeCPU(sum & 7);
    }
  }

  /** Ends it, and waits for that. */
  void end() throws InterruptedException {
    over = true;
    thread.join();
  }
}
