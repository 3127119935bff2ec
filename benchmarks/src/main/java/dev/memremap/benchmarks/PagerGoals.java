// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import dev.memremap.benchmarks.pager.FaultingApp;
import dev.memremap.benchmarks.pager.PagerFaults;
import dev.memremap.benchmarks.pager.TakeoverApp;
import java.util.List;

/** What faults of a remote memory are to cost, and a worker's death. */
final class PagerGoals {
  private static final PagerFaults OURS = new PagerFaults(FaultingApp.OURS);
  private static final PagerFaults BARE = new PagerFaults(FaultingApp.BARE);
  private static final PagerFaults C = new PagerFaults(FaultingApp.C);
  private static final PagerFaults UNCHECKED = new PagerFaults(FaultingApp.UNCHECKED);
  private static final PagerFaults MAPPED = new PagerFaults(FaultingApp.MAPPED);

  private static final Program TAKEOVER = Program.of(TakeoverApp.class);

  private PagerGoals() {}

  static List<Comparison> rows() {
    return List.of(
        Comparison.of(
            Point.PAGER,
            "pager-fault",
            "a fault, served by the pager from a warm store",
            OURS.figure(FaultingApp.FAULT),
            "the same loop in C, without the page map, from the same store",
            C.figure(FaultingApp.FAULT),
            Goal.ratioAtMost(1.25)),
        Comparison.of(
            Point.PAGER,
            "pager-fault-bare",
            "a fault, served by a loop in Java from a warm store, without the page map",
            BARE.figure(FaultingApp.FAULT),
            "the same loop in C, from the same store",
            C.figure(FaultingApp.FAULT),
            Goal.ratioAtMost(1.1)),
        Comparison.of(
            Point.PAGER,
            "pager-fault-unchecked",
            "a fault, served by the pager from a warm store",
            OURS.figure(FaultingApp.FAULT),
            "a loop in C, from a mapping of a file, without checksums",
            UNCHECKED.figure(FaultingApp.FAULT),
            Goal.none()),
        Comparison.of(
            Point.PAGER,
            "pager-scan",
            "a page of a scan of pages that are not in memory",
            OURS.figure(FaultingApp.SCAN),
            "the same file, mapped",
            MAPPED.figure(FaultingApp.SCAN),
            Goal.timesFaster(0.3)),
        Comparison.of(
            Point.PAGER,
            "pager-scan-c",
            "the same",
            OURS.figure(FaultingApp.SCAN),
            "the loop in C, which brings in 512 pages at a fault, from the same store",
            C.figure(FaultingApp.SCAN),
            Goal.timesFaster(0.95)),
        Comparison.of(
            Point.PAGER,
            "pager-scan-unchecked",
            "the same",
            OURS.figure(FaultingApp.SCAN),
            "the loop in C, from a mapping of a file, without checksums",
            UNCHECKED.figure(FaultingApp.SCAN),
            Goal.none()),
        Comparison.of(
            Point.PAGER,
            "pager-resident",
            "a page of a scan of pages that are in memory",
            OURS.figure(FaultingApp.RESIDENT),
            "a plain memfd, mapped",
            MAPPED.figure(FaultingApp.RESIDENT),
            Goal.asFast(0.98)),
        Comparison.alone(
            Point.PAGER,
            "pager-takeover",
            "from `kill -9` of the worker to the next one's first fault, median of 20",
            TAKEOVER.figure(TakeoverApp.MEDIAN),
            Goal.atMost(200, Unit.MILLISECONDS)),
        Comparison.alone(
            Point.PAGER,
            "pager-takeover-worst",
            "the same, the longest of 20",
            TAKEOVER.figure(TakeoverApp.WORST),
            Goal.atMost(1, Unit.SECONDS)));
  }
}
