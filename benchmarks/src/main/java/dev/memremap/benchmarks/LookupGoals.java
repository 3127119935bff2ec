// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import dev.memremap.benchmarks.Subject.Benchmarked;
import java.util.List;

/** What get_dev_pagemap is to cost. */
final class LookupGoals {
  private static final String SKIP_LIST = "`ConcurrentSkipListMap` and `AtomicLong`";

  private LookupGoals() {}

  static List<Comparison> rows() {
    return List.of(
        Comparison.alone(
            Point.LOOKUP,
            "lookup-hint",
            "`getDevPagemap` with a hint that covers the page",
            of("coveringHint", 1, 1),
            Goal.atMost(1.5, Unit.NANOSECONDS)),
        row(
            "lookup-skip-list-1024",
            "no hint, random page of 1,024 maps, tryget_live and put",
            of("noHint", 1024, 1),
            SKIP_LIST,
            of("skipList", 1024, 1),
            Goal.ratioAtMost(0.25)),
        row(
            "lookup-tree-map-1024",
            "no hint, random page of 1,024 maps, tryget_live and put",
            of("noHint", 1024, 1),
            "`TreeMap` under a read lock and `AtomicLong`",
            of("treeMapUnderReadLock", 1024, 1),
            Goal.ratioAtMost(0.5)),
        row(
            "lookup-flat",
            "the same by 2 threads at once",
            of("noHint", 1024, 2),
            "by 1 thread",
            of("noHint", 1024, 1),
            Goal.ratioAtMost(1.1)),
        row(
            "lookup-hold",
            "`machine.lookup` and `close`, random page of 1,024 maps",
            of("hold", 1024, 1),
            "`getDevPagemap` and `put`; a hold adds a compare-and-set and 24 bytes",
            of("noHint", 1024, 1),
            Goal.none()),
        row(
            "lookup-hold-1",
            "`machine.lookup` and `close`, 1 map",
            of("hold", 1, 1),
            "`getDevPagemap` and `put`",
            of("noHint", 1, 1),
            Goal.none()),
        row(
            "lookup-skip-list-1",
            "no hint, 1 map, tryget_live and put",
            of("noHint", 1, 1),
            SKIP_LIST,
            of("skipList", 1, 1),
            Goal.none()),
        row(
            "lookup-skip-list-16",
            "no hint, random page of 16 maps, tryget_live and put",
            of("noHint", 16, 1),
            SKIP_LIST,
            of("skipList", 16, 1),
            Goal.none()));
  }

  private static Comparison row(
      String name, String what, Subject ours, String beside, Subject peer, Goal goal) {
    return Comparison.of(Point.LOOKUP, name, what, ours, beside, peer, goal);
  }

  private static Benchmarked of(String method, int maps, int threads) {
    return Benchmarked.of(LookupBenchmark.class, method)
        .param("maps", Integer.toString(maps))
        .threads(threads);
  }
}
