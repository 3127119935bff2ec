// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.run;

import dev.memremap.benchmarks.Comparison;
import dev.memremap.benchmarks.Goal;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * A row with what was measured for it.
 *
 * <p>Thread safety: immutable.
 *
 * @param row the row
 * @param ours what ours cost, unless that is missing
 * @param peer what the peer cost, unless the row has none or it is missing
 * @param absence why a side is missing; empty if none is
 * @param broken whether it is missing because a benchmark failed
 */
public record Outcome(
    Comparison row, @Nullable Cost ours, @Nullable Cost peer, String absence, boolean broken) {
  /** Refuses to compare what cannot be compared. */
  public Outcome {
    boolean sameKind =
        ours == null
            || ((peer == null || peer.dimension() == ours.dimension())
                && !(row.goal() instanceof Goal.AtMost most
                    && most.unit().dimension() != ours.dimension()));
    if (!sameKind) {
      throw new IllegalArgumentException(
          row.name() + " compares a time with a size, or another two that differ in kind");
    }
  }

  /** Whether one of the costs that belong to the row is missing. */
  boolean isIncomplete() {
    return ours == null || (row.peer() != null && peer == null);
  }

  /** Our cost by the peer's: the quotient of the two medians. */
  public OptionalDouble ratio() {
    return ours == null || peer == null
        ? OptionalDouble.empty()
        : OptionalDouble.of(ours.median() / peer.median());
  }

  /** Whether the interval of ours and that of the peer have something in common. */
  public boolean overlaps() {
    return ours != null && peer != null && ours.overlaps(peer);
  }

  /** What became of it. */
  public Verdict verdict() {
    if (ours == null || isIncomplete()) {
      return broken ? Verdict.BROKEN : Verdict.NOT_MEASURED;
    }
    double ratio = ratio().orElse(Double.NaN);
    return switch (row.goal()) {
      case Goal.None none -> Verdict.NO_GOAL;
      case Goal.RatioAtMost goal -> met(ratio <= goal.bound());
      case Goal.TimesFaster goal -> met(1 / ratio >= goal.bound());
      case Goal.AsFast goal -> met(1 / ratio >= goal.bound() && (ratio <= 1 || overlaps()));
      case Goal.AtMost most -> met(ours.median() <= most.unit().toBase(most.bound()));
    };
  }

  private static Verdict met(boolean met) {
    return met ? Verdict.MET : Verdict.MISSED;
  }

  /**
   * How much of what the goal allows was used: 1 is the bound itself, less is better. Without a
   * goal the peer's cost stands for the bound.
   */
  OptionalDouble shareOfBound() {
    if (ours == null || isIncomplete()) {
      return OptionalDouble.empty();
    }
    double ratio = ratio().orElse(Double.NaN);
    double share =
        switch (row.goal()) {
          case Goal.None none -> ratio;
          case Goal.RatioAtMost goal -> ratio / goal.bound();
          case Goal.TimesFaster goal -> ratio * goal.bound();
          case Goal.AsFast goal -> ratio * goal.bound();
          case Goal.AtMost most -> ours.median() / most.unit().toBase(most.bound());
        };
    return Double.isNaN(share) ? OptionalDouble.empty() : OptionalDouble.of(share);
  }

  /**
   * The ratio as the goal asks for it: our cost by the peer's, or, with the sign ×, how many times
   * as fast as the peer ours is.
   */
  public String ratioWords() {
    if (ratio().isEmpty()) {
      return "";
    }
    double ratio = ratio().getAsDouble();
    return switch (row.goal()) {
      case Goal.TimesFaster faster -> Words.ratio(1 / ratio) + " ×";
      case Goal.AsFast fast -> Words.ratio(1 / ratio) + " ×";
      default -> Words.ratio(ratio);
    };
  }
}
