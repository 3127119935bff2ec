// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** What must not grow with the number of things. */
final class ScaleGoals {
  /** Ten or a hundred times as many: what one costs may double, for caches are not endless. */
  private static final Goal NEAR_LINEAR = Goal.ratioAtMost(2);

  private static final Program MAPS = Program.of(ManyMaps.class);
  private static final Program RESOURCES = Program.of(ManyResources.class);
  private static final Program CYCLES = Program.of(MillionCycles.class);

  private ScaleGoals() {}

  static List<Comparison> rows() {
    return Stream.of(
            Stream.of(
                // so many do not fit into the caches: no multiple is the algorithm's alone
                maps("find", "find, take and put the map of a random page"),
                maps("make", "make a page map"),
                maps("undo", "take a page map apart"),
                resources("parse", "parse a line of a resource tree"),
                resources("intersect", "ask how 4 KiB lie to System RAM"),
                resources("print", "print a line of a resource tree")),
            cycles("RAM", "of RAM"),
            cycles("other", "of other memory"),
            cycles("device", "of a device's memory"))
        .flatMap(rows -> rows)
        .toList();
  }

  private static Comparison maps(String figure, String what) {
    return grown(
        MAPS, "scale-maps-" + figure, figure, what + ", of 100,000", "of 1,000", Goal.none());
  }

  private static Comparison resources(String figure, String what) {
    return grown(
        RESOURCES,
        "scale-resources-" + figure,
        figure,
        what + " of 100,000 nodes",
        "of 10,000",
        NEAR_LINEAR);
  }

  private static Comparison grown(
      Program program, String name, String figure, String what, String beside, Goal goal) {
    return Comparison.of(
        Point.SCALE,
        name,
        what,
        program.figure(figure + ", many"),
        beside,
        program.figure(figure + ", few"),
        goal);
  }

  private static Stream<Comparison> cycles(String figure, String what) {
    return Stream.of(
        Comparison.alone(
            Point.SCALE,
            "scale-heap-" + figure.toLowerCase(Locale.ROOT),
            "heap that 1,000,000 cycles %s leave".formatted(what),
            CYCLES.figure("heap, " + figure),
            Goal.atMost(1, Unit.MIB)),
        Comparison.alone(
            Point.SCALE,
            "scale-descriptors-" + figure.toLowerCase(Locale.ROOT),
            "descriptors that they leave",
            CYCLES.figure("descriptors, " + figure),
            Goal.atMost(0, Unit.PIECES)),
        Comparison.alone(
            Point.SCALE,
            "scale-mappings-" + figure.toLowerCase(Locale.ROOT),
            "lines of `/proc/self/maps` that they leave",
            CYCLES.figure("mappings, " + figure),
            Goal.atMost(figure.equals("device") ? 1024 : 16, Unit.PIECES)));
  }
}
