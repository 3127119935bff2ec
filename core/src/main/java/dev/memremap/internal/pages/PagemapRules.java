// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import static dev.memremap.internal.pages.PagemapAccess.access;
import static dev.memremap.internal.pages.PagemapSentences.inRange;

import dev.memremap.cache.CacheMode;
import dev.memremap.internal.arch.ArchitectureRules;
import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.internal.kernel.KernelRules;
import dev.memremap.internal.log.PagemapLines;
import dev.memremap.internal.memtype.MemtypeTable;
import dev.memremap.internal.memtype.Reservation;
import dev.memremap.internal.space.AddressSpace;
import dev.memremap.machine.MemmapGeometry;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.page.PagemapRange;
import dev.memremap.page.VmemAltmap;
import dev.memremap.plan.PagemapPlan;
import dev.memremap.plan.PagemapPlan.Failed;
import dev.memremap.resource.Intersection;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.ResourceSnapshot;
import dev.memremap.rule.Errno;
import dev.memremap.rule.Fact;
import dev.memremap.rule.KernelLine;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import dev.memremap.spi.PhysicalMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a page map is allowed to be, check by check in the order of C-13.
 *
 * <p>The same walk answers for ourselves and for the kernels that we depart from ({@link
 * Judge#KERNEL}): where the two answers differ, the departure is ours to name.
 *
 * <p>Thread safety: reads tables that are thread-safe; the caller keeps them from changing.
 */
public final class PagemapRules {
  private final ResourceSnapshot resources;
  private final MemtypeTable memtypes;
  private final PhysicalMemory memory;
  private final PagemapTable table;
  private final MemmapGeometry memmap;
  private final MemmapLayout layout;
  private final PageGeometry geometry;
  private final ArchitectureRules architecture;
  private final WholeMapRules whole;
  private final PagemapEnd end;
  private final KernelRules kernel;
  private final Function<DevPagemap, List<PhysRange>> nearest;

  /** Whose rules decide. */
  private enum Judge {
    /** The contract, departures included. */
    CONTRACT,
    /** The machine's kernel. */
    KERNEL
  }

  /** What the ranges before a failure, or all of them, would get, and the facts that were read. */
  private static final class Carried implements Fact.Reader {
    private int read;
    private final List<Supplier<List<KernelLine>>> log = new ArrayList<>();
    private final List<LiveRange> ranges = new ArrayList<>();
    private @Nullable AltmapShare share;
    private VmemAltmap.@Nullable Used altmapAfter;

    @Override
    public void reads(Fact fact) {
      read |= fact.bit();
    }

    @Override
    public void logs(Supplier<List<KernelLine>> lines) {
      log.add(lines);
    }

    private List<KernelLine> kernelLog() {
      return log.stream().flatMap(lines -> lines.get().stream()).toList();
    }

    private PagemapLayout in(MemmapGeometry memmap) {
      return new PagemapLayout(memmap, ranges, share, altmapAfter);
    }
  }

  /**
   * Rules over the tables of an address space as they stand.
   *
   * @param nearest what a refused plan asks for the ranges near it
   */
  PagemapRules(
      AddressSpace space,
      PagemapTable table,
      MemmapGeometry memmap,
      MemmapLayout layout,
      Function<DevPagemap, List<PhysRange>> nearest) {
    this.resources = space.resources();
    this.memtypes = space.memtypes();
    this.memory = space.memory();
    this.geometry = space.geometry();
    this.architecture = space.platform().architecture();
    this.whole = new WholeMapRules(space.platform());
    this.kernel = space.platform().kernel();
    this.end = PagemapEnd.of(space.platform());
    this.table = table;
    this.memmap = memmap;
    this.layout = layout;
    this.nearest = nearest;
  }

  /** What mapping this would do. */
  PlannedMap plan(DevPagemap map) {
    Carried carried = new Carried();
    carried.reads(Fact.ARCH);
    Failed failed = decide(map, Judge.CONTRACT, carried);
    PagemapLayout planned = carried.in(memmap);
    PagemapPlan.Structures structures = planned.structures(counts(map, carried));
    PagemapPlan plan =
        failed == null
            ? PagemapPlan.granted(structures, planned.ranges().getFirst().mode())
                .logging(carried.kernelLog())
            : refused(map, structures, failed);
    return new PlannedMap(
        map,
        planned,
        plan.assuming(Fact.assumed(carried.read, architecture.facts().known().get())));
  }

  /** What the counts of its pages would do; null if its type was not set. */
  private @Nullable PageCounts counts(DevPagemap map, Carried carried) {
    MemoryType type = map.type().orElse(null);
    if (type == MemoryType.PRIVATE && !carried.ranges.isEmpty()) {
      KernelRules.noteRead(carried);
    }
    return type == null ? null : PageCounts.of(type, kernel);
  }

  private PagemapPlan refused(DevPagemap map, PagemapPlan.Structures structures, Failed failed) {
    Carried asKernel = new Carried();
    Failed kernel = decide(map, Judge.KERNEL, asKernel);
    Rule departure = failed.leavesTraces() ? Rule.D_11 : departure(kernel, failed.refusal());
    return PagemapPlan.refused(
            map.toString(),
            structures,
            failed,
            departure,
            () -> failed.range() < 0 ? List.of() : nearest.apply(map))
        .logging(asKernel.kernelLog());
  }

  private static @Nullable Rule departure(@Nullable Failed kernel, Refusal refusal) {
    boolean differs = kernel == null || kernel.refusal().errno() != refusal.errno();
    return differs && refusal.rule().isDeparture() ? refusal.rule() : null;
  }

  private @Nullable Failed decide(DevPagemap map, Judge judge, Carried carried) {
    Failed failed = whole.check(map, judge == Judge.CONTRACT, carried);
    for (int i = 0; failed == null && i < map.ranges().size(); i++) {
      failed = checkRange(map, i, judge, carried);
    }
    return failed;
  }

  // ---- range by range ----------------------------------------------------------------------

  private @Nullable Failed checkRange(DevPagemap map, int i, Judge judge, Carried carried) {
    PagemapRange range = map.ranges().get(i);
    VmemAltmap altmap = access().validAltmap(map);
    if (altmap != null && i > 0) {
      carried.logs(PagemapLines::altmapOfSeveral);
      return failed(
          Errno.EINVAL,
          Rule.DP_5,
          i,
          range,
          "an altmap serves one range only; leave it" + " out, or map each range by itself");
    }
    Failed conflict = checkConflicts(range, i, judge, carried);
    if (conflict != null) {
      return conflict;
    }
    MemoryType type = map.type().orElse(MemoryType.GENERIC);
    PhysRange pages = range.pages(geometry.pageBytes());
    CacheMode asked = LiveRange.askedMode(type, carried.ranges);
    Reservation mode = memtypes.checkPfnRemap(pages, asked, false, carried);
    if (mode instanceof Reservation.Refused taken) {
      String end = taken.mode() == null ? "" : "; unmap that first";
      return failed(taken.why().errno(), Rule.C_11, i, range, taken.reason() + end);
    }
    CacheMode granted = ((Reservation.Granted) mode).mode();
    Failed shape = checkShape(map, range, i, judge, carried);
    if (shape != null) {
      return shape;
    }
    Failed room = altmap == null ? null : carryAltmap(altmap, range, i, judge, carried);
    if (room != null) {
      return room;
    }
    long offset = altmap == null ? 0 : altmap.offset();
    long before = LiveRange.sum(carried.ranges, LiveRange::pages) >>> geometry.subsectionOrder();
    LiveRange live =
        new LiveRange(
            geometry,
            pages,
            granted,
            geometry.firstPfn(pages) + offset,
            map.vmemmapShift(),
            before);
    Failed ours = judge == Judge.KERNEL ? null : checkOurs(range, live, type, i);
    if (ours != null) {
      return ours;
    }
    carried.logs(() -> PagemapLines.initialised(live.pages() - offset, kernel));
    carried.ranges.add(live);
    return null;
  }

  /** C-13, checks 2 to 5: what is there already. */
  private @Nullable Failed checkConflicts(PagemapRange range, int i, Judge judge, Carried carried) {
    for (long pfn : new long[] {firstPfn(range), geometry.pfn(range.endInclusive())}) {
      String there = liveAt(pfn, carried);
      if (there != null) {
        carried.logs(PagemapLines::conflicting);
        return failed(
            Errno.ENOMEM,
            Rule.DP_5,
            i,
            range,
            "page 0x%x belongs to %s; unmap that first".formatted(pfn, there));
      }
    }
    Intersection ram = resources.systemRamIntersects(range.start(), range.sizeBytes(), carried);
    if (ram != Intersection.DISJOINT) {
      carried.logs(() -> PagemapLines.onRam(ram, range.start(), range.endInclusive()));
      return failed(Errno.ENXIO, Rule.C_3, i, range, ramSentence(range, ram));
    }
    if (range.isEmpty()) {
      return failed(
          Errno.EINVAL, Rule.C_13, i, range, "it is empty; give a size of 2 MiB or a multiple");
    }
    // kernels look at the two ends only, and see the rest late: in check 9a
    String inside = judge == Judge.KERNEL ? null : liveWithin(range, carried);
    return inside == null
        ? null
        : failed(Errno.ENOMEM, Rule.D_2, i, range, inside + " lies inside it; unmap that first");
  }

  private String ramSentence(PagemapRange range, Intersection ram) {
    String what =
        ram == Intersection.MIXED ? "it is partly System RAM" : "it is System RAM or meets it";
    String where =
        range.isEmpty()
            ? ""
            : resources.systemRamRunsIn(PhysRange.of(range.start(), range.sizeBytes())).stream()
                .findFirst()
                .map(run -> " (%08x-%08x)".formatted(run.start(), run.endInclusive()))
                .orElse("");
    return what + where + ", which has page structures already; take a range beside it";
  }

  private @Nullable String liveAt(long pfn, Carried carried) {
    for (LiveRange earlier : carried.ranges) {
      if (earlier.contains(pfn)) {
        return "an earlier range of the same map";
      }
    }
    PagemapLife life = table.lifeAt(pfn);
    return life != null && isLive(life) ? life.toString() : null;
  }

  private @Nullable String liveWithin(PagemapRange range, Carried carried) {
    return within(range, carried, PagemapRules::isLive);
  }

  private @Nullable String anythingWithin(PagemapRange range, Carried carried) {
    return within(range, carried, life -> true);
  }

  private @Nullable String within(
      PagemapRange range, Carried carried, Predicate<PagemapLife> which) {
    PhysRange pages = range.pages(geometry.pageBytes());
    for (LiveRange earlier : carried.ranges) {
      if (earlier.range().overlaps(pages)) {
        return "an earlier range of the same map";
      }
    }
    for (PagemapLife life : table.overlapping(geometry.firstPfn(pages), geometry.lastPfn(pages))) {
      if (which.test(life) && overlaps(life, pages)) {
        return life.toString();
      }
    }
    return null;
  }

  private static boolean overlaps(PagemapLife life, PhysRange pages) {
    return life.ranges().stream().anyMatch(range -> range.range().overlaps(pages));
  }

  private static boolean isLive(PagemapLife life) {
    return !life.isUnmapped() && !life.ref().isDying();
  }

  /** C-13, checks 7 to 9a: where it lies, and how it is aligned. */
  private @Nullable Failed checkShape(
      DevPagemap map, PagemapRange range, int i, Judge judge, Carried carried) {
    Refusal beyond = end.refusal(range.endInclusive(), carried);
    if (beyond != null) {
      carried.logs(() -> end.lines(range.start(), range.endInclusive()));
      return failed(beyond.errno(), beyond.rule(), i, range, beyond.sentence());
    }
    VmemAltmap altmap = access().validAltmap(map);
    // as the kernel drops what is below a page
    long pages = geometry.pages(range.sizeBytes());
    if (altmap != null && altmap.takesMoreThan(pages)) {
      carried.logs(PagemapLines::invalidAltmap);
      return failed(
          Errno.EINVAL,
          Rule.AM_6,
          i,
          range,
          "its altmap sets more pages aside than the %d it has".formatted(pages));
    }
    if (altmap != null && altmap.basePfn() != firstPfn(range)) {
      carried.logs(PagemapLines::invalidAltmap);
      return failed(
          Errno.EINVAL,
          Rule.AM_6,
          i,
          range,
          "its altmap begins at page 0x%x, not with the range".formatted(altmap.basePfn()));
    }
    boolean whole = (range.start() | range.sizeBytes()) % geometry.subsectionBytes() == 0;
    boolean wholeToThePage = (firstPfn(range) | pages) % geometry.subsectionPages() == 0;
    if (judge == Judge.KERNEL ? !wholeToThePage : !whole) {
      long first = firstPfn(range);
      carried.logs(() -> PagemapLines.misaligned(first, first + pages - 1, kernel));
      return failed(
          Errno.EINVAL,
          wholeToThePage && pages > 0 ? Rule.D_10 : Rule.C_4,
          i,
          range,
          "start and size must be multiples of 2 MiB; " + aligned(range));
    }
    String there = anythingWithin(range, carried);
    if (there == null) {
      return null;
    }
    carried.logs(PagemapLines::pagesNotAdded);
    return failed(
        Errno.EEXIST,
        Rule.C_2,
        i,
        range,
        there + " was there and still has references; wait until they are put");
  }

  private long firstPfn(PagemapRange range) {
    return geometry.pfn(range.start());
  }

  private String aligned(PagemapRange range) {
    long subsection = geometry.subsectionBytes();
    long start = (range.start() + subsection - 1) & -subsection;
    long end = (range.endInclusive() + 1) & -subsection;
    return Long.compareUnsigned(start, end) < 0
        ? "the aligned part of it is 0x%x-0x%x".formatted(start, end - 1)
        : "it holds no aligned 2 MiB";
  }

  /** C-13, check 10, and C-8: the page structures' place in the altmap. */
  private @Nullable Failed carryAltmap(
      VmemAltmap altmap, PagemapRange range, int i, Judge judge, Carried carried) {
    PhysRange pages = range.pages(geometry.pageBytes());
    long count = geometry.pages(range.sizeBytes());
    if (judge == Judge.CONTRACT && altmap.takesAllOf(count)) {
      return failed(
          Errno.EINVAL, Rule.D_13, i, range, "its altmap sets all of it aside; leave pages to use");
    }
    // what an earlier life skipped to align stays skipped (AM-5)
    VmemAltmap.Used before = new VmemAltmap.Used(altmap.align(), 0);
    return layout.inSections()
        ? carrySections(altmap, before, pages, i, range, carried)
        : carryOnePiece(altmap, before, pages, i, range, carried);
  }

  private @Nullable Failed carryOnePiece(
      VmemAltmap altmap,
      VmemAltmap.Used before,
      PhysRange pages,
      int i,
      PagemapRange range,
      Carried carried) {
    long first = geometry.firstPfn(pages);
    long last = geometry.lastPfn(pages);
    long need = layout.altmapPages(first, last - first + 1);
    VmemAltmap.Piece piece = altmap.place(before, need, 1);
    if (piece == null) {
      return tooSmall(altmap, need, i, range, false);
    }
    carried.share = new AltmapShare(first, last, piece.pfn(), need);
    carried.altmapAfter = piece.after();
    return null;
  }

  /**
   * Each whole section takes as many pages as its structures fill, aligned to their number (512 on
   * x86-64); parts of sections take none (C-8).
   */
  private @Nullable Failed carrySections(
      VmemAltmap altmap,
      VmemAltmap.Used before,
      PhysRange pages,
      int i,
      PagemapRange range,
      Carried carried) {
    long section = geometry.sectionPages();
    long first = (geometry.firstPfn(pages) + section - 1) & -section;
    long end = (geometry.lastPfn(pages) + 1) & -section;
    if (first >= end) {
      carried.altmapAfter = before;
      return null;
    }
    long perSection = layout.altmapAlignPages();
    long need = layout.altmapPages(first, end - first);
    VmemAltmap.Piece piece = altmap.place(before, need, perSection);
    if (piece == null) {
      carried.logs(PagemapLines::pagesNotAdded);
      boolean partBefore = first != geometry.firstPfn(pages);
      boolean firstFits = altmap.place(before, perSection, perSection) != null;
      return tooSmall(altmap, need, i, range, partBefore || firstFits);
    }
    carried.share = new AltmapShare(first, end - 1, piece.pfn(), need);
    carried.altmapAfter = piece.after();
    return null;
  }

  private static Failed tooSmall(
      VmemAltmap altmap, long need, int i, PagemapRange range, boolean afterAnotherPart) {
    String sentence =
        "its altmap has room for %s pages, aligned, and the page structures take %d; set more free"
            .formatted(Long.toUnsignedString(altmap.free()), need);
    Refusal refusal = new Refusal(Errno.ENOMEM, Rule.D_13, inRange(i, range, sentence));
    return new Failed(refusal, i, afterAnotherPart);
  }

  private @Nullable Failed checkCompound(LiveRange range, int i) {
    int shift = range.shift();
    boolean possible = shift >= 0 && shift < geometry.pfnBits();
    if (possible
        && range.pages() % (1L << shift) == 0
        && (range.firstUsablePfn() - range.firstPfn()) % (1L << shift) == 0) {
      return null;
    }
    return new Failed(
        Errno.EINVAL,
        Rule.D_16,
        i,
        "range %d (%s): its pages, and those that an altmap sets aside, must be multiples of its compound page, 2^%d pages"
            .formatted(i, range.range(), shift));
  }

  /** What no kernel checks: the compound pages, and that the memory itself can be mapped. */
  private @Nullable Failed checkOurs(PagemapRange range, LiveRange live, MemoryType type, int i) {
    Failed compound = checkCompound(live, i);
    if (compound != null || !type.isMapped()) {
      return compound;
    }
    Refusal blocked =
        memory.accessPath(live.range(), live.mode(), live.mode()).refusal().orElse(null);
    return blocked == null
        ? null
        : failed(blocked.errno(), blocked.rule(), i, range, blocked.sentence());
  }

  private static Failed failed(Errno errno, Rule rule, int i, PagemapRange range, String why) {
    return new Failed(errno, rule, i, inRange(i, range, why));
  }
}
