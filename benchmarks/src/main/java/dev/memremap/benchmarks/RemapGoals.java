// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import dev.memremap.benchmarks.Subject.Benchmarked;
import java.util.List;

/** What memremap and memunmap are to cost. */
final class RemapGoals {
  private static final String ARENAS = "10,000 shared arenas closed one by one";

  private RemapGoals() {}

  static List<Comparison> rows() {
    return List.of(
        Comparison.alone(
            Point.REMAP,
            "remap-ram",
            "map and unmap 4 KiB of RAM, a slice of the direct map",
            Benchmarked.of(RemapBenchmark.class, "ram"),
            Goal.atMost(150, Unit.NANOSECONDS)),
        Comparison.of(
            Point.REMAP,
            "remap-not-ram",
            "map and unmap 4 KiB that is not RAM",
            Benchmarked.of(RemapBenchmark.class, "notRam"),
            "`FileChannel.map` and `Arena.close`",
            Benchmarked.of(RemapBenchmark.class, "fileChannelMap"),
            Goal.ratioAtMost(1.2)),
        release(
            "remap-release-untouched",
            "release a device of 10,000 untouched mappings, one thread busy",
            "false",
            Goal.timesFaster(5)),
        release(
            "remap-release-touched",
            "release a device of 10,000 touched mappings, one thread busy",
            "true",
            Goal.none()),
        close(
            "remap-close-devices",
            "close a machine of ten devices with 10,000 untouched mappings, one thread busy",
            "devices"),
        close(
                "remap-close-machine",
                "close a machine with 10,000 untouched mappings of its own, one thread busy",
                "machine")
            .missedBecause(
                "the memory of such a mapping is gone when its memunmap returns, for which it needs an arena of its own, and the JDK closes arenas one by one; a device's mappings share one"));
  }

  private static Comparison close(String name, String what, String owner) {
    return Comparison.of(
        Point.REMAP,
        name,
        what,
        Benchmarked.of(MachineCloseBenchmark.class, "close").param("owner", owner),
        ARENAS,
        Benchmarked.of(ReleaseBenchmark.class, "closeArenas").param("touched", "false"),
        Goal.timesFaster(5));
  }

  private static Comparison release(String name, String what, String touched, Goal goal) {
    return Comparison.of(
        Point.REMAP,
        name,
        what,
        Benchmarked.of(ReleaseBenchmark.class, "release").param("touched", touched),
        ARENAS,
        Benchmarked.of(ReleaseBenchmark.class, "closeArenas").param("touched", touched),
        goal);
  }
}
