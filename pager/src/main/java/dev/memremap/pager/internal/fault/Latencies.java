// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.fault;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.HdrHistogram.AtomicHistogram;

/**
 * How long faults took, each known to one part of 100.
 *
 * <p>Thread safety: all methods may be called from any thread, as the histogram's own may.
 */
final class Latencies {
  private static final long LONGEST_NANOS = 3_600_000_000_000L;
  private static final int DIGITS = 2;

  private final AtomicHistogram histogram = new AtomicHistogram(LONGEST_NANOS, DIGITS);

  /** Counts a fault; one of more than an hour counts as one of an hour. */
  void record(long nanos) {
    histogram.recordValue(Math.clamp(nanos, 0, LONGEST_NANOS));
  }

  /**
   * The time that this part of the faults took at most, in nanoseconds; 0 if there was none.
   *
   * @param quantile from 0 to 1
   */
  long at(double quantile) {
    return histogram.getValueAtPercentile(100 * quantile);
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
