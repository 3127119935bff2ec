// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import java.util.List;
import java.util.stream.Stream;

/**
 * Every row of the table that {@code memremap-dev bench} prints.
 *
 * <p>To add a row, add it to the list of its point ({@link ReferenceGoals}, {@link LookupGoals},
 * {@link AccessGoals}, {@link RemapGoals}, {@link PagemapGoals}, {@link ScaleGoals}, {@link
 * PagerGoals}, {@link StartupGoals}), in the place where it is to be read:
 *
 * <pre>{@code
 * // a benchmark of JMH beside another, in two threads
 * Comparison.of(
 *     Point.REFERENCE,
 *     "reference-two-threads",
 *     "take and put a reference, 2 threads",
 *     Benchmarked.of(ReferenceBenchmark.class, "percpuGetPut").threads(2),
 *     "`AtomicLong`, unless zero",
 *     Benchmarked.of(ReferenceBenchmark.class, "atomicTryGetPut").threads(2),
 *     Goal.ratioAtMost(0.35))
 *
 * // a figure of a program, which has a JVM of its own and no peer
 * Comparison.alone(
 *     Point.PAGEMAP,
 *     "pagemap-make",
 *     "make a page map of 1 TiB",
 *     Program.of(TebibyteMap.class).figure("made"),
 *     Goal.atMost(2, Unit.MILLISECONDS))
 * }</pre>
 *
 * <p>Such a program is a class with a {@code main} that says, for each of its figures, {@code
 * Program.print("made", 121.5, Unit.MICROSECONDS)}; it may print other lines, too, and is started
 * once for each fork. If it gets the argument {@code quick}, CI only wants to see that it works:
 * take a second or two. Anything else, such as a guest's kernel, implements {@link Probe}.
 *
 * <p>Both sides of a row run in JVMs with the same flags and in the same round; what several rows
 * name is measured once a round. All costs are compared as costs, less being better: a benchmark in
 * mode {@code Throughput} counts as the time of one operation. {@code missedBecause} holds the
 * reason why a row misses its goal. A test checks that benchmarks and parameters exist. Names stay:
 * people type them after {@code --only}.
 */
public final class Goals {
  /** What stands for all rows of {@link #isCore} on a command line. */
  public static final String CORE = "core";

  private Goals() {}

  /** The rows, by point. */
  public static List<Comparison> all() {
    return Stream.of(
            ReferenceGoals.rows(),
            LookupGoals.rows(),
            AccessGoals.rows(),
            RemapGoals.rows(),
            PagemapGoals.rows(),
            ScaleGoals.rows(),
            PagerGoals.rows(),
            StartupGoals.rows())
        .flatMap(List::stream)
        .toList();
  }

  /**
   * Whether the row measures the library itself: references, lookups, pages, maps, access and
   * resources. What a start costs, what a million cycles leave, and what the JDK takes most of
   * ({@code remap-close-machine}) is left out, so that two versions are compared in twenty minutes.
   */
  public static boolean isCore(Comparison row) {
    return switch (row.point()) {
      case REFERENCE, LOOKUP, ACCESS, PAGEMAP -> true;
      case REMAP -> !row.name().equals("remap-close-machine");
      case SCALE -> row.name().startsWith("scale-resources-");
      case PAGER, STARTUP -> false;
    };
  }
}
