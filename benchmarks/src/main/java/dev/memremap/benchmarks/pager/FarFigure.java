// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.pager;

/** How figures of memories in far nodes are named. */
public final class FarFigure {
  /** Round trips of the network that is played, in microseconds; 0 has no such network. */
  static final int[] TRIPS = {0, 200, 1000, 5000};

  /** So many threads of the application have faults at once. */
  static final int[] THREADS = {1, 4, 16, 32};

  private FarFigure() {}

  /** A question of a bare client for one page, and the answer: the median. */
  public static String question(int micros) {
    return "question, " + micros + " us";
  }

  /** How long a thread waits for a page: the median. */
  public static String fault(int micros, int threads) {
    return "fault, " + where(micros, threads);
  }

  /** The time in which all threads have one fault more. */
  public static String each(int micros, int threads) {
    return "time a fault, " + where(micros, threads);
  }

  /** The node's processor time for a fault. */
  static String node(int micros, int threads) {
    return "node's processor, " + where(micros, threads);
  }

  /** As {@link #each}, where a page has to be written back for each that comes. */
  static String written(int micros, int threads) {
    return "time a fault and a write, " + where(micros, threads);
  }

  /** A flush of pages that lie beside each other. */
  static String flush(int micros, boolean replica) {
    return "flush, " + micros + " us" + (replica ? ", a replica" : "");
  }

  /** A flush of pages of which none lie beside each other. */
  static String scattered(int micros, boolean replica) {
    return "scattered flush, " + micros + " us" + (replica ? ", a replica" : "");
  }

  private static String where(int micros, int threads) {
    return micros + " us, " + threads + (threads == 1 ? " thread" : " threads");
  }
}
