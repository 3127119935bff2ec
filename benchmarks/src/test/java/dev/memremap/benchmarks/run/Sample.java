// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.run;

import dev.memremap.benchmarks.Comparison;
import dev.memremap.benchmarks.Goal;
import dev.memremap.benchmarks.Point;
import dev.memremap.benchmarks.Subject;
import dev.memremap.benchmarks.Subject.Benchmarked;
import dev.memremap.benchmarks.Unit;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/** Rows and costs without a measurement. */
final class Sample {
  static final Subject OURS = Benchmarked.of(Sample.class, "ours").threads(2).param("maps", "16");
  static final Subject PEER = Benchmarked.of(Sample.class, "peer");

  private Sample() {}

  static Cost cost(double... forks) {
    return cost(Unit.Dimension.TIME, forks);
  }

  static Cost cost(Unit.Dimension dimension, double... forks) {
    return new Cost(dimension, Arrays.stream(forks).mapToObj(Cost.Fork::of).toList());
  }

  static Comparison row(String name, Goal goal) {
    return Comparison.of(Point.SCALE, name, "`a` < \"b\" & c", OURS, "a | `peer` > 0", PEER, goal);
  }

  static Comparison alone(String name, Goal goal) {
    return Comparison.alone(Point.STARTUP, name, "alone", OURS, goal);
  }

  static Outcome outcome(Goal goal, Cost ours, Cost peer) {
    return new Outcome(row("scale-it", goal), ours, peer, "", false);
  }

  /** One met, one missed with a reason, one without a goal, one not measured, one broken. */
  static Report report() {
    return new Report(
        new Surroundings(
            "<fast> & \"cheap\"",
            2,
            8 << 20,
            "Linux 6.1",
            "a JVM",
            List.of("-Xmx1g"),
            "0123456789ab",
            Instant.parse("2026-01-01T00:00:00Z")),
        false,
        List.of(
            new Outcome(
                row("scale-met", Goal.ratioAtMost(0.5)),
                cost(10, 11, 12),
                cost(40, 44, 48),
                "",
                false),
            new Outcome(
                row("scale-missed", Goal.timesFaster(5)).missedBecause("the *reason*"),
                cost(10, 11, 12),
                cost(40, 44, 48),
                "",
                false),
            new Outcome(alone("startup-free", Goal.none()), cost(1e6, 2e6, 3e6), null, "", false),
            new Outcome(
                alone("startup-absent", Goal.atMost(1, Unit.SECONDS)),
                null,
                null,
                "no guest here",
                false),
            new Outcome(
                alone("startup-broken", Goal.none()), null, null, "it failed: boom", true)));
  }
}
