// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.pager;

/**
 * What docs/remote-memory.md says that a memory in far nodes can do, in nanoseconds. There as here,
 * threads wait for the network together, and take turns on the processor.
 *
 * <p>Thread safety: immutable.
 *
 * @param p the pager's own part of a fault, with what the application does for it
 * @param r a question to a node and its answer, without the network's way
 * @param b what a page costs the processor that is written among 64
 */
record FarModel(double p, double r, double b) {
  /** So many faults wait for a store at once. */
  private static final int TOGETHER = 32;

  /** Pages of a flush that lie beside each other and are sent together. */
  private static final int RUN = 64;

  /** How long a thread waits for a page, where all are on one processor. */
  double fault(double d, int threads) {
    return threads * each(d, threads);
  }

  /** The time in which all threads have one fault more. */
  double each(double d, int threads) {
    return Math.max((p + r + d) / Math.min(threads, TOGETHER), p + r);
  }

  /**
   * Likewise, where a page has to be written back for each that comes: threads that serve faults do
   * it, and one more.
   */
  double written(double d, int threads) {
    double alone = p + r + d;
    return Math.max(2 * alone / (Math.min(threads, TOGETHER) + 1), p + 2 * r);
  }

  /**
   * A flush: each run is written, and then the next one; the lease is renewed; where a replica has
   * to have all, the parts are looked at, and a WAIT asks the replica, which is as far again.
   */
  double flush(double d, int pages, int run, boolean replica) {
    double asked = r + d;
    double after = replica ? 2 * asked + d : 0;
    return Math.ceilDiv(pages, run) * asked + pages * b + asked + after;
  }

  /** The most pages that are written at once. */
  static int run() {
    return RUN;
  }
}
