// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.pager;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Times two ways to read many pages at once, in turns.
 *
 * <p>Thread safety: one thread's.
 */
final class Reads {
  /** As many as the pager reads ahead at once. */
  static final int AT_ONCE = 64;

  private static final int PAGE = 4096;
  private static final int ROUNDS = 5;
  private static final int WARM_ROUNDS = 12;

  private final int pages;
  private final boolean quick;
  private final MemorySegment room = Arena.ofAuto().allocate((long) AT_ONCE * PAGE, PAGE);

  /**
   * Of a store with so many pages.
   *
   * @param quick whether it is enough to see that it works
   */
  Reads(int pages, boolean quick) {
    this.pages = pages;
    this.quick = quick;
  }

  /** A way to read pages. */
  interface Way {
    /** Reads pages from that one on. */
    void read(long first, MemorySegment room) throws Exception;
  }

  /** Returns what a page costs each way, in nanoseconds: the least median of the rounds. */
  double[] alternating(Way... ways) throws Exception {
    double[] best = new double[ways.length];
    Arrays.fill(best, Double.MAX_VALUE);
    for (int round = quick ? 0 : -WARM_ROUNDS; round < (quick ? 1 : ROUNDS); round++) {
      for (int i = 0; i < ways.length; i++) {
        double median = round(ways[i]);
        if (round >= 0) {
          best[i] = Math.min(best[i], median);
        }
      }
    }
    return best;
  }

  private double round(Way way) throws Exception {
    long[] took = new long[pages / AT_ONCE];
    for (int i = 0; i < took.length; i++) {
      long first = (long) i * AT_ONCE;
      room.fill((byte) -1);
      long began = System.nanoTime();
      way.read(first, room);
      took[i] = System.nanoTime() - began;
      for (int page = 0; page < AT_ONCE; page++) {
        byte found = room.get(java.lang.foreign.ValueLayout.JAVA_BYTE, (long) page * PAGE + 1);
        if (found != (byte) (first + page)) {
          throw new AssertionError("page %d has %x".formatted(first + page, found));
        }
      }
    }
    Arrays.sort(took);
    return (double) took[took.length / 2] / AT_ONCE;
  }
}
