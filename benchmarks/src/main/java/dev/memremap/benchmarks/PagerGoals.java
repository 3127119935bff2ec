// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import dev.memremap.benchmarks.pager.FarFaults;
import dev.memremap.benchmarks.pager.FarFigure;
import dev.memremap.benchmarks.pager.FaultingApp;
import dev.memremap.benchmarks.pager.PagerFaults;
import dev.memremap.benchmarks.pager.TakeoverApp;
import dev.memremap.benchmarks.pager.ValkeyApp;
import dev.memremap.benchmarks.pager.ValkeyFaults;
import java.util.List;
import java.util.stream.Stream;

/** What faults of a remote memory are to cost, and a worker's death. */
final class PagerGoals {
  /** Twenty kills, each after two seconds of faults and the start of a standby. */
  private static final double TAKEOVER_SECONDS = 60;

  private static final PagerFaults OURS = new PagerFaults(FaultingApp.OURS);
  private static final PagerFaults BARE = new PagerFaults(FaultingApp.BARE);
  private static final PagerFaults C = new PagerFaults(FaultingApp.C);
  private static final PagerFaults UNCHECKED = new PagerFaults(FaultingApp.UNCHECKED);
  private static final PagerFaults MAPPED = new PagerFaults(FaultingApp.MAPPED);

  private static final ValkeyFaults OWN = new ValkeyFaults(ValkeyApp.OWN);
  private static final ValkeyFaults LETTUCE = new ValkeyFaults(ValkeyApp.LETTUCE);
  private static final ValkeyFaults GET = new ValkeyFaults(ValkeyApp.GET);
  private static final ValkeyFaults MGET = new ValkeyFaults(ValkeyApp.MGET);
  private static final ValkeyFaults AHEAD = new ValkeyFaults(ValkeyApp.AHEAD);
  private static final FarFaults FAR = new FarFaults();

  private static final Program TAKEOVER = Program.of(TakeoverApp.class).taking(TAKEOVER_SECONDS);

  private PagerGoals() {}

  static List<Comparison> rows() {
    return Stream.of(ofFiles(), ofValkey(), ofFarNodes(), ofTakeovers())
        .flatMap(List::stream)
        .toList();
  }

  private static List<Comparison> ofFiles() {
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
            Goal.asFast(0.98)));
  }

  private static List<Comparison> ofValkey() {
    return List.of(
        Comparison.of(
            Point.PAGER,
            "pager-valkey-fault",
            "a fault, served by the pager from Valkey over a connection of its own",
            OWN.figure(ValkeyApp.FAULT),
            "a loop in C that does GET and UFFDIO_COPY, and checks nothing",
            GET.figure(ValkeyApp.FAULT),
            Goal.ratioAtMost(1.15)),
        Comparison.of(
            Point.PAGER,
            "pager-valkey-fault-same",
            "the same",
            OWN.figure(ValkeyApp.FAULT),
            "the loop in C, which asks for the part's fence, too, and checks the page",
            MGET.figure(ValkeyApp.FAULT),
            Goal.none()),
        Comparison.of(
            Point.PAGER,
            "pager-valkey-lettuce",
            "a fault, served by the pager from Valkey over Lettuce",
            LETTUCE.figure(ValkeyApp.FAULT),
            "the loop in C that does GET and UFFDIO_COPY",
            GET.figure(ValkeyApp.FAULT),
            Goal.ratioAtMost(1.6)),
        Comparison.of(
            Point.PAGER,
            "pager-valkey-ahead",
            "a page of 64 that are read at once",
            AHEAD.figure(ValkeyApp.READ),
            "64 GETs by Lettuce, sent together, which check nothing",
            AHEAD.figure(ValkeyApp.PIPELINED),
            Goal.timesFaster(1.2)));
  }

  private static List<Comparison> ofFarNodes() {
    int micros = 1000;
    return List.of(
        Comparison.of(
            Point.PAGER,
            "pager-valkey-far",
            "a fault of one thread, from Valkey behind a network of a millisecond",
            FAR.figure(FarFigure.fault(micros, 1)),
            "a bare client's question for a page there, which checks nothing",
            FAR.figure(FarFigure.question(micros)),
            Goal.ratioAtMost(1.25)),
        Comparison.of(
            Point.PAGER,
            "pager-valkey-far-many",
            "sixteen threads there: their time, divided by their faults",
            FAR.figure(FarFigure.each(micros, 16)),
            "one thread there",
            FAR.figure(FarFigure.each(micros, 1)),
            Goal.timesFaster(8)));
  }

  private static List<Comparison> ofTakeovers() {
    return List.of(
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
