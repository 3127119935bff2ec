// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.fault;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.Collectors;

/**
 * How long faults took, each known to one part of 128: times below 256 ns are counted apart, and
 * above each power of two is cut into 128 parts.
 *
 * <p>Thread safety: all methods may be called from any thread. {@code counts} is its own guard.
 */
final class Latencies {
  private static final int PART_BITS = 7;
  private static final int PARTS = 1 << PART_BITS;
  private static final long LONGEST_NANOS = 3_600_000_000_000L;

  private final AtomicLongArray counts = new AtomicLongArray(index(LONGEST_NANOS) + 1);

  /** Counts a fault; one of more than an hour counts as one of an hour. */
  void record(long nanos) {
    counts.incrementAndGet(index(Math.clamp(nanos, 0, LONGEST_NANOS)));
  }

  /** Times below 2 PARTS have an index each, and those of a power of two above PARTS of them. */
  private static int index(long nanos) {
    int shift = shift(nanos);
    return shift * PARTS + (int) (nanos >>> shift);
  }

  private static int shift(long nanos) {
    return Math.max(0, Long.SIZE - PART_BITS - 1 - Long.numberOfLeadingZeros(nanos));
  }

  /** The longest time that is counted there. */
  private static long longest(int index) {
    int shift = Math.max(0, index / PARTS - 1);
    return ((index - (long) shift * PARTS + 1) << shift) - 1;
  }

  /**
   * The time that this part of the faults took at most, in nanoseconds; 0 if there was none.
   *
   * @param quantile from 0 to 1
   */
  long at(double quantile) {
    long[] now = new long[counts.length()];
    Arrays.setAll(now, counts::get);
    long wanted = Math.max(1, (long) Math.ceil(quantile * Arrays.stream(now).sum()));
    long sum = 0;
    for (int i = 0; i < now.length; i++) {
      sum += now[i];
      if (sum >= wanted) {
        return longest(i);
      }
    }
    return 0;
  }

  /** The times of several quantiles, as words in their order. */
  String at(String quantiles) {
    return Arrays.stream(quantiles.split(" "))
        .mapToDouble(Double::parseDouble)
        .mapToLong(this::at)
        .mapToObj(Long::toString)
        .collect(Collectors.joining(" "));
  }
}
