// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import dev.memremap.benchmarks.Subject.Benchmarked;
import java.util.List;

/** What loads and stores through a mapping are to cost. */
final class AccessGoals {
  private static final Goal AS_FAST = Goal.asFast(0.98);
  private static final String PLAIN = "a plain segment of `FileChannel.map`";
  private static final String CHANNEL = "`FileChannel.map` of the same memfd";

  private AccessGoals() {}

  static List<Comparison> rows() {
    return List.of(
        plain("access-sum", "sum of 64 MiB, 8 bytes at a time", "sumMapping", "sumPlain"),
        plain("access-copy", "copy of 64 MiB into it", "copyMapping", "copyPlain"),
        plain(
            "access-random", "4,096 random 8-byte loads in 64 MiB", "randomMapping", "randomPlain"),
        plain(
            "access-random-store",
            "4,096 random 8-byte stores in 64 MiB",
            "storeMapping",
            "storePlain"),
        Comparison.of(
            Point.ACCESS,
            "access-register-write",
            "1,024 `IoMemory.write32`",
            Benchmarked.of(RegisterBenchmark.class, "write32"),
            "1,024 opaque stores by a `VarHandle`",
            Benchmarked.of(RegisterBenchmark.class, "opaqueStore"),
            Goal.ratioAtMost(1.1)),
        Comparison.of(
            Point.ACCESS,
            "access-register-allocated",
            "1,024 `IoMemory.write32` of memory that `populate()` has allocated",
            Benchmarked.of(RegisterBenchmark.class, "write32Allocated"),
            "1,024 opaque stores by a `VarHandle`",
            Benchmarked.of(RegisterBenchmark.class, "opaqueStore"),
            Goal.ratioAtMost(1.1)),
        Comparison.of(
            Point.ACCESS,
            "access-register-volatile",
            "1,024 `IoMemory.write32`",
            Benchmarked.of(RegisterBenchmark.class, "write32"),
            "1,024 volatile stores by a `VarHandle`",
            Benchmarked.of(RegisterBenchmark.class, "volatileStore"),
            Goal.none()),
        host("access-host-sum-1m", "sum of 1 MiB of real memory", 1 << 20, "sum"),
        host("access-host-copy-1m", "copy of 1 MiB into real memory", 1 << 20, "copy"),
        host(
            "access-host-random-1m",
            "4,096 random 8-byte loads and stores in 1 MiB of real memory",
            1 << 20,
            "random"),
        host("access-host-sum-64m", "sum of 64 MiB of real memory", 64 << 20, "sum"),
        host("access-host-copy-64m", "copy of 64 MiB into real memory", 64 << 20, "copy"),
        host(
            "access-host-random-64m",
            "4,096 random 8-byte loads and stores in 64 MiB of real memory",
            64 << 20,
            "random"));
  }

  private static Comparison plain(String name, String what, String ours, String peer) {
    return Comparison.of(
        Point.ACCESS,
        name,
        what,
        Benchmarked.of(AccessBenchmark.class, ours),
        PLAIN,
        Benchmarked.of(AccessBenchmark.class, peer),
        AS_FAST);
  }

  private static Comparison host(String name, String what, int bytes, String method) {
    return Comparison.of(
        Point.ACCESS,
        name,
        what,
        hostOf(method + "Mapping", bytes),
        CHANNEL,
        hostOf(method + "Channel", bytes),
        AS_FAST);
  }

  private static Benchmarked hostOf(String method, int bytes) {
    return Benchmarked.of(HostAccessBenchmark.class, method)
        .param("bytes", Integer.toString(bytes));
  }
}
