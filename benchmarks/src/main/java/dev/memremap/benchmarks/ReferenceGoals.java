// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import dev.memremap.benchmarks.Subject.Benchmarked;
import java.util.List;

/** What percpu_ref is to cost. */
final class ReferenceGoals {
  private static final String TRYGET = "one `AtomicLong`: tryget (CAS) and decrement";

  private ReferenceGoals() {}

  static List<Comparison> rows() {
    return List.of(
        row(
            "reference-one-thread",
            "`PercpuRef.get` and `put`, 1 thread",
            ours("percpuGetPut", 1, "CELLS"),
            TRYGET,
            of("atomicTryGetPut", 1),
            Goal.ratioAtMost(0.5)),
        row(
            "reference-two-threads",
            "`PercpuRef.get` and `put`, 2 threads on one reference",
            ours("percpuGetPut", 2, "CELLS"),
            TRYGET,
            of("atomicTryGetPut", 2),
            Goal.ratioAtMost(0.35)),
        row(
            "reference-netty",
            "`PercpuRef.get` and `put`, 2 threads on one reference",
            ours("percpuGetPut", 2, "CELLS"),
            "Netty's `retain` and `release`",
            of("nettyRetainRelease", 2),
            Goal.timesFaster(2.5)),
        row(
            "reference-read-lock",
            "`PercpuRef.get` and `put`, 2 threads on one reference",
            ours("percpuGetPut", 2, "CELLS"),
            "`ReentrantReadWriteLock`'s read lock, locked and unlocked",
            of("readLockUnlock", 2),
            Goal.timesFaster(5)),
        Comparison.alone(
            Point.REFERENCE,
            "reference-kill-busy",
            "kill to confirmed, 64 threads take and put (median of samples)",
            kill("busy"),
            Goal.atMost(50, Unit.MICROSECONDS)),
        Comparison.alone(
            Point.REFERENCE,
            "reference-kill-asleep",
            "kill to confirmed, 64 threads have it and sleep (median of samples)",
            kill("asleep"),
            Goal.atMost(50, Unit.MICROSECONDS)),
        row(
            "reference-tryget-live-one-thread",
            "`PercpuRef.tryGetLive` and `put`, 1 thread",
            ours("percpuTryGetLivePut", 1, "CELLS"),
            TRYGET,
            of("atomicTryGetPut", 1),
            Goal.none()),
        row(
            "reference-tryget-live-two-threads",
            "`PercpuRef.tryGetLive` and `put`, 2 threads",
            ours("percpuTryGetLivePut", 2, "CELLS"),
            TRYGET,
            of("atomicTryGetPut", 2),
            Goal.none()),
        row(
            "reference-stripes-one-thread",
            "`PercpuRef.get` and `put` without membarrier, 1 thread",
            ours("percpuGetPut", 1, "STRIPES"),
            TRYGET,
            of("atomicTryGetPut", 1),
            Goal.none()),
        row(
            "reference-stripes-two-threads",
            "`PercpuRef.get` and `put` without membarrier, 2 threads",
            ours("percpuGetPut", 2, "STRIPES"),
            TRYGET,
            of("atomicTryGetPut", 2),
            Goal.none()));
  }

  private static Comparison row(
      String name, String what, Subject ours, String beside, Subject peer, Goal goal) {
    return Comparison.of(Point.REFERENCE, name, what, ours, beside, peer, goal);
  }

  private static Benchmarked kill(String users) {
    return Benchmarked.of(KillBenchmark.class, "kill").param("path", "CELLS").param("users", users);
  }

  private static Benchmarked ours(String method, int threads, String path) {
    return of(method, threads).param("path", path);
  }

  private static Benchmarked of(String method, int threads) {
    return Benchmarked.of(ReferenceBenchmark.class, method).threads(threads);
  }
}
