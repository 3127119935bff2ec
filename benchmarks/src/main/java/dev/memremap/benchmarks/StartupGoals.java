// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import java.util.List;

/** What a start of the command is to cost. */
final class StartupGoals {
  private static final WarmStarts STARTS = new WarmStarts();

  private StartupGoals() {}

  static List<Comparison> rows() {
    return List.of(
        Comparison.of(
            Point.STARTUP,
            "startup-iomem",
            "memremap iomem from a warm disk, as a whole process",
            figure(WarmStarts.CACHED),
            "the same without the AOT cache",
            figure(WarmStarts.UNCACHED),
            Goal.atMost(0.2, Unit.SECONDS)),
        Comparison.alone(
            Point.STARTUP,
            "startup-hello",
            "a JVM that says hello, the floor",
            figure(WarmStarts.HELLO),
            Goal.none()));
  }

  private static Subject figure(String name) {
    return new Subject.Probed(STARTS, name);
  }
}
