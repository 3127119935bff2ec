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
            of("percpuGetPut", 1),
            TRYGET,
            of("atomicTryGetPut", 1),
            Goal.ratioAtMost(0.5)),
        row(
            "reference-two-threads",
            "`PercpuRef.get` and `put`, 2 threads on one reference",
            of("percpuGetPut", 2),
            TRYGET,
            of("atomicTryGetPut", 2),
            Goal.ratioAtMost(0.35)),
        row(
            "reference-netty",
            "`PercpuRef.get` and `put`, 2 threads on one reference",
            of("percpuGetPut", 2),
            "Netty's `retain` and `release`",
            of("nettyRetainRelease", 2),
            Goal.timesFaster(2.5)),
        row(
            "reference-tryget-live-one-thread",
            "`PercpuRef.tryGetLive` and `put`, 1 thread",
            of("percpuTryGetLivePut", 1),
            TRYGET,
            of("atomicTryGetPut", 1),
            Goal.none()),
        row(
            "reference-tryget-live-two-threads",
            "`PercpuRef.tryGetLive` and `put`, 2 threads",
            of("percpuTryGetLivePut", 2),
            TRYGET,
            of("atomicTryGetPut", 2),
            Goal.none()));
  }

  private static Comparison row(
      String name, String what, Subject ours, String beside, Subject peer, Goal goal) {
    return Comparison.of(Point.REFERENCE, name, what, ours, beside, peer, goal);
  }

  private static Benchmarked of(String method, int threads) {
    return Benchmarked.of(ReferenceBenchmark.class, method).threads(threads);
  }
}
