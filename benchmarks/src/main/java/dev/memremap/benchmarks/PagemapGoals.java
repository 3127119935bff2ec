// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import dev.memremap.benchmarks.Subject.Benchmarked;
import java.util.List;

/** What page maps are to cost. */
final class PagemapGoals {
  private static final Program TEBIBYTE = Program.of(TebibyteMap.class);

  private PagemapGoals() {}

  static List<Comparison> rows() {
    return List.of(
        tebibyte(
            "pagemap-make",
            "make a page map of 1 TiB (268,435,456 pages)",
            "made",
            Goal.atMost(2, Unit.MILLISECONDS)),
        tebibyte(
            "pagemap-make-first",
            "make the first one of a JVM, which loads its classes",
            "made first",
            Goal.none()),
        tebibyte(
            "pagemap-resident",
            "resident memory of 1 TiB of pages before the first is touched",
            "resident, untouched",
            Goal.atMost(1, Unit.MIB)),
        tebibyte(
            "pagemap-bytes",
            "resident memory for each page of a block of 512 that was touched",
            "resident, a touched page",
            Goal.atMost(16, Unit.BYTES)),
        tebibyte(
            "pagemap-undo",
            "take an untouched page map of 1 TiB apart",
            "taken apart",
            Goal.atMost(5, Unit.MILLISECONDS)),
        tebibyte(
            "pagemap-undo-touched",
            "the same after 100,000 of its pages were touched",
            "taken apart, touched",
            Goal.none()),
        guest(
            "pagemap-kernel-memmap",
            "page structures of 256 MiB, all touched",
            "256 MiB memmap",
            "`struct page` of Linux in the guest",
            GuestMemmap.MEMMAP),
        guest(
            "pagemap-kernel-make",
            "make a page map of 256 MiB",
            "256 MiB made",
            "Linux in the guest, emulated: 10 to 30 times as slow as on hardware",
            GuestMemmap.MADE),
        guest(
            "pagemap-kernel-undo",
            "take it apart",
            "256 MiB taken apart",
            "Linux in the guest, emulated",
            GuestMemmap.UNDONE),
        Comparison.of(
                Point.PAGEMAP,
                "pagemap-page",
                "`Page.get` and `put`",
                Benchmarked.of(PageBenchmark.class, "getPut"),
                "the two atomic instructions that they cannot do without, alone: an `AtomicLong`,"
                    + " tryget (CAS) and decrement",
                Benchmarked.of(ReferenceBenchmark.class, "atomicTryGetPut"),
                Goal.atMost(10, Unit.NANOSECONDS))
            .missedBecause(
                "a page has 8 bytes for a count that all threads share, so each of the two takes an"
                    + " atomic instruction, and the second waits for the first: the peer's column"
                    + " is what they cost alone. Ours wait longer, since the second also has to"
                    + " read the word that it changes, where the peer's takes 1 off whatever is"
                    + " there; and Java checks memory outside the heap. The two operations of the"
                    + " map's reference, by which a page's holder keeps its map, cost nothing on"
                    + " top: without them it took as long"),
        Comparison.alone(
            Point.PAGEMAP,
            "pagemap-page-random",
            "find a random page of 4,096 in 1 TiB, `get` and `put`",
            Benchmarked.of(PageBenchmark.class, "lookUpGetPut"),
            Goal.none()),
        Comparison.of(
            Point.PAGEMAP,
            "pagemap-page-hold",
            "`machine.hold` of a random page of 4,096 in 1 TiB, and `close`",
            Benchmarked.of(PageBenchmark.class, "holdClose"),
            "find it, `get` and `put`",
            Benchmarked.of(PageBenchmark.class, "lookUpGetPut"),
            Goal.none()));
  }

  private static Comparison tebibyte(String name, String what, String figure, Goal goal) {
    return Comparison.alone(Point.PAGEMAP, name, what, TEBIBYTE.figure(figure), goal);
  }

  private static Comparison guest(
      String name, String what, String figure, String beside, String theirs) {
    return Comparison.of(
        Point.PAGEMAP,
        name,
        what,
        TEBIBYTE.figure(figure),
        beside,
        new Subject.Probed(new GuestMemmap(), theirs),
        Goal.none());
  }
}
