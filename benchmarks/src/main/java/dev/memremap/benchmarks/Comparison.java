// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import org.jspecify.annotations.Nullable;

/**
 * One row of the table.
 *
 * <p>Thread safety: immutable.
 *
 * @param point the part of the library
 * @param name unique, in lower case, beginning with the point's word: {@code reference-two-threads}
 * @param what what is done, for readers
 * @param ours what is ours
 * @param beside what the peer is, for readers; empty without a peer
 * @param peer what it is held against, if anything
 * @param goal what is to be reached
 * @param reason why the goal is missed, for readers; empty while it is not
 */
public record Comparison(
    Point point,
    String name,
    String what,
    Subject ours,
    String beside,
    @Nullable Subject peer,
    Goal goal,
    String reason) {
  /** Refuses a row that could not be judged. */
  public Comparison {
    if (!name.matches(point.word() + "(-[a-z0-9]+)+")) {
      throw new IllegalArgumentException(
          "'%s' names no row of %s: write %s-…".formatted(name, point, point.word()));
    }
    if (peer == null && !(goal instanceof Goal.AtMost || goal instanceof Goal.None)) {
      throw new IllegalArgumentException(name + " has a ratio for its goal and no peer");
    }
    if ((peer == null) != beside.isEmpty()) {
      throw new IllegalArgumentException(name + " names a peer it lacks, or has one unnamed");
    }
  }

  /** Ours beside a peer. */
  public static Comparison of(
      Point point, String name, String what, Subject ours, String beside, Subject peer, Goal goal) {
    return new Comparison(point, name, what, ours, beside, peer, goal, "");
  }

  /** Ours alone. */
  public static Comparison alone(Point point, String name, String what, Subject ours, Goal goal) {
    return new Comparison(point, name, what, ours, "", null, goal, "");
  }

  /** Adds the reason why the goal is missed; the table prints it below. */
  public Comparison missedBecause(String sentence) {
    return new Comparison(point, name, what, ours, beside, peer, goal, sentence);
  }

  /** Whether a name is this row's, or its point's. */
  public boolean isNamed(String word) {
    return word.equals(name) || word.equals(point.word());
  }

  /** Ours alone, without a goal. */
  public Comparison withoutPeer() {
    return alone(point, name, what, ours, Goal.none());
  }
}
