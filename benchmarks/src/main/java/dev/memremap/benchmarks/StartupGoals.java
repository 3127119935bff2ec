// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import java.util.List;

/** What a start of the command is to cost. */
final class StartupGoals {
  private static final WarmStarts VERSION = WarmStarts.of("--version");
  private static final WarmStarts IOMEM = WarmStarts.of("iomem", "-m", WarmStarts.MACHINE);
  private static final WarmStarts WHAT =
      WarmStarts.of("what", "0xfd000000", "-m", WarmStarts.MACHINE);

  private StartupGoals() {}

  static List<Comparison> rows() {
    return List.of(
        beside("startup-version", "memremap --version", VERSION, Goal.none()),
        beside("startup-iomem", "memremap iomem", IOMEM, Goal.atMost(0.2, Unit.SECONDS)),
        beside("startup-what", "memremap what", WHAT, Goal.none()),
        Comparison.alone(
            Point.STARTUP,
            "startup-hello",
            "a JVM that says hello, the floor",
            new Subject.Probed(new HelloStarts(), HelloStarts.HELLO),
            Goal.none()));
  }

  private static Comparison beside(String name, String command, WarmStarts starts, Goal goal) {
    return Comparison.of(
        Point.STARTUP,
        name,
        command + " from a warm disk, as a whole process",
        starts.cached(),
        "the same without the AOT cache",
        starts.uncached(),
        goal);
  }
}
