// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

/**
 * What a row is to reach.
 *
 * <p>Thread safety: immutable.
 */
public sealed interface Goal {
  /**
   * Our cost is at most so many times the peer's.
   *
   * @param bound of ours / peer
   */
  record RatioAtMost(double bound) implements Goal {
    @Override
    public String words() {
      return "≤ " + Unit.shortest(bound);
    }
  }

  /**
   * Ours is at least so many times as fast as the peer.
   *
   * @param bound of peer / ours
   */
  record TimesFaster(double bound) implements Goal {
    @Override
    public String words() {
      return "≥ " + Unit.shortest(bound) + " ×";
    }
  }

  /**
   * Ours is as fast as the peer: at least so many times as fast, and, where it is slower, the
   * intervals of the two overlap.
   *
   * @param bound of peer / ours, just below 1
   */
  record AsFast(double bound) implements Goal {
    @Override
    public String words() {
      return "≥ " + Unit.shortest(bound) + " ×, overlapping";
    }
  }

  /**
   * Our cost is at most this, whatever a peer's is.
   *
   * @param bound how much
   * @param unit of what
   */
  record AtMost(double bound, Unit unit) implements Goal {
    @Override
    public String words() {
      return "≤ " + unit.count(bound);
    }
  }

  /** Nothing: the row is there to be read. */
  record None() implements Goal {
    @Override
    public String words() {
      return "";
    }
  }

  /** Our cost is at most {@code bound} times the peer's. */
  static Goal ratioAtMost(double bound) {
    return new RatioAtMost(bound);
  }

  /** Ours is at least {@code bound} times as fast as the peer. */
  static Goal timesFaster(double bound) {
    return new TimesFaster(bound);
  }

  /** Ours is as fast as the peer, but for {@code 1 - bound}, and the intervals overlap. */
  static Goal asFast(double bound) {
    return new AsFast(bound);
  }

  /** Our cost is at most this, whatever a peer's is. */
  static Goal atMost(double bound, Unit unit) {
    return new AtMost(bound, unit);
  }

  /** No goal. */
  static Goal none() {
    return new None();
  }

  /** How it stands in the table; empty without a goal. */
  String words();
}
