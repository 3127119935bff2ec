// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.run;

import dev.memremap.benchmarks.Unit;
import dev.memremap.benchmarks.WarmStarts;
import java.util.Arrays;
import java.util.List;

/**
 * What something cost in each fork: the median of the forks is its cost, and the interval goes from
 * the cheapest fork to the dearest. (With three forks, an interval of confidence would tell more of
 * Student's distribution than of the machine.) A single fork's interval is that of its iterations.
 *
 * <p>Thread safety: immutable.
 *
 * @param dimension time, size or number
 * @param forks one cost for each JVM, in the smallest unit of the dimension; at least one
 */
public record Cost(Unit.Dimension dimension, List<Fork> forks) {
  /**
   * What one JVM measured.
   *
   * @param cost the mean of its iterations, or the median of its starts
   * @param iterations what each gave; just the cost where there is only one
   */
  public record Fork(double cost, List<Double> iterations) {
    /** Copies what it is given. */
    public Fork {
      iterations = List.copyOf(iterations);
    }

    /** Of a program, which measures once. */
    static Fork of(double cost) {
      return new Fork(cost, List.of(cost));
    }

    /** Of starts: one that something else delayed does not count for more than another. */
    static Fork ofStarts(List<Double> starts) {
      return new Fork(WarmStarts.median(starts), starts);
    }
  }

  /** Copies what it is given. */
  public Cost {
    forks = List.copyOf(forks);
    if (forks.isEmpty()) {
      throw new IllegalArgumentException("a cost without a fork was not measured");
    }
  }

  /** The median of the forks. */
  public double median() {
    return WarmStarts.median(forks.stream().map(Fork::cost).toList());
  }

  /** The lower end of the interval. */
  public double low() {
    return Arrays.stream(spread()).min().orElseThrow();
  }

  /** The upper end of the interval. */
  public double high() {
    return Arrays.stream(spread()).max().orElseThrow();
  }

  private double[] spread() {
    return forks.size() > 1
        ? forks.stream().mapToDouble(Fork::cost).toArray()
        : forks.getFirst().iterations().stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** Whether the two intervals have something in common. */
  public boolean overlaps(Cost other) {
    return low() <= other.high() && other.low() <= high();
  }

  /** {@code 14.2 ns}. */
  public String words() {
    return Unit.words(median(), dimension);
  }

  /** {@code 13.9–14.6}, in the median's unit; empty where nothing varied. */
  public String interval() {
    Unit unit = Unit.of(median(), dimension);
    return low() == high() ? "" : unit.number(low()) + "–" + unit.number(high());
  }
}
