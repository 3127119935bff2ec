// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.run;

import dev.memremap.benchmarks.Comparison;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * A row with what ours costs in two versions. Costs are costs, less being better: a ratio above 1
 * says that this version is slower, or larger, than the other.
 *
 * <p>Thread safety: immutable.
 *
 * @param row the row; its peer and its goal do not matter here
 * @param here the cost in this version; null if it was not compared
 * @param there the cost in the other; its forks were measured right before or after those here, one
 *     by one
 * @param standing whether the two were compared
 * @param note why they were not, or what a reader of the comparison should know; may be empty
 */
public record Change(
    Comparison row, @Nullable Cost here, @Nullable Cost there, Standing standing, String note) {
  /** How far up a median may be. */
  private static final double ALLOWED = 1.1;

  /** Whether a row was compared. */
  public enum Standing {
    /** It was. */
    COMPARED,
    /** The other version does not have the benchmark. */
    NOT_THERE,
    /** A row of this kind is measured by something that belongs to neither version. */
    NOT_COMPARED,
    /** A benchmark failed in one of the two versions. */
    BROKEN
  }

  /** Refuses costs that contradict the standing. */
  public Change {
    boolean both = here != null && there != null && here.dimension() == there.dimension();
    if (both != (standing == Standing.COMPARED)) {
      throw new IllegalArgumentException(
          row.name() + " has two comparable costs if it was compared, and only then");
    }
  }

  /** A row that was not compared. */
  static Change without(Comparison row, Standing standing, String note) {
    return new Change(row, null, null, standing, note);
  }

  /** The median here by the median there; empty where one of them is zero and the other is not. */
  public OptionalDouble ratio() {
    return here == null || there == null
        ? OptionalDouble.empty()
        : quotient(here.median(), there.median());
  }

  /**
   * The ratios of forks that were measured one after the other: the least and the greatest. The
   * ratio of the medians lies between them, since a median grows with each of its forks.
   *
   * <p>Half of all such pairs have a ratio below some number; the interval of five pairs holds that
   * number 15 times of 16, that of three pairs 3 times of 4 (it misses if all lie on one side).
   *
   * @return empty if there is only one pair, or one without a ratio
   */
  public Optional<DoubleSummaryStatistics> pairs() {
    if (here == null || there == null || here.forks().size() < 2) {
      return Optional.empty();
    }
    DoubleSummaryStatistics pairs = new DoubleSummaryStatistics();
    List<Cost.Fork> theirs = there.forks();
    for (int i = 0; i < here.forks().size(); i++) {
      OptionalDouble pair = quotient(here.forks().get(i).cost(), theirs.get(i).cost());
      if (pair.isEmpty()) {
        return Optional.empty();
      }
      pairs.accept(pair.getAsDouble());
    }
    return Optional.of(pairs);
  }

  private static OptionalDouble quotient(double here, double there) {
    if (here == there) {
      return OptionalDouble.of(1);
    }
    return there > 0 && here > 0 ? OptionalDouble.of(here / there) : OptionalDouble.empty();
  }

  /** Whether the interval of the forks here and that of those there have something in common. */
  public boolean overlaps() {
    return here != null && there != null && here.overlaps(there);
  }

  /** Whether the intervals lie apart and the median here is more than a tenth above that there. */
  public boolean isSlower() {
    return here != null && there != null && !overlaps() && here.median() > there.median() * ALLOWED;
  }

  /** Whether the intervals lie apart and the median there is more than a tenth above that here. */
  public boolean isFaster() {
    return here != null && there != null && !overlaps() && there.median() > here.median() * ALLOWED;
  }

  /** {@code 1.02}; empty without a ratio. */
  String ratioWords() {
    return ratio().isEmpty() ? "" : Words.ratio(ratio().getAsDouble());
  }

  /** {@code 0.95–1.13}; empty without an interval. */
  String pairsWords() {
    return pairs()
        .map(pairs -> Words.ratio(pairs.getMin()) + "–" + Words.ratio(pairs.getMax()))
        .orElse("");
  }

  /** {@code +4.2 %}, of the median; more is slower. */
  String percentWords() {
    return ratio().isEmpty()
        ? ""
        : String.format(Locale.ROOT, "%+.1f %%", 100 * (ratio().getAsDouble() - 1));
  }
}
