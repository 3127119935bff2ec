// SPDX-License-Identifier: Apache-2.0
package dev.memremap.resource;

import dev.memremap.internal.kernel.KernelRules;
import dev.memremap.rule.Fact;
import dev.memremap.rule.Refusal;
import dev.memremap.rule.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.ObjIntConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Answers questions about a snapshot of a resource tree.
 *
 * <p>Questions about ranges use binary search: their cost grows with the logarithm of the number of
 * siblings, and with the number of resources that they touch.
 *
 * <p>Thread safety: immutable.
 */
public final class ResourceSnapshot {
  private final Resource root;
  private final boolean insideWindows;
  // Computed lazily and published by the volatile write; racing threads compute equal values.
  // systemRamInside is written before it and read after it.
  private volatile @Nullable List<PhysRange> systemRamRuns;
  private boolean systemRamInside;

  /**
   * Makes the snapshot of a tree with this root. It looks inside windows, as kernels since 6.12 and
   * newer patches of 6.1 do ({@link Rule#C_6 C-6}).
   */
  public ResourceSnapshot(Resource root) {
    this(root, true);
  }

  /**
   * Makes the snapshot of a tree with this root.
   *
   * @param insideWindows whether {@link #regionIntersects} looks inside windows
   */
  public ResourceSnapshot(Resource root, boolean insideWindows) {
    this.root = Objects.requireNonNull(root, "root");
    this.insideWindows = insideWindows;
  }

  /** Returns the root, which {@code /proc/iomem} does not print. */
  public Resource root() {
    return root;
  }

  /**
   * Tells how a range overlaps resources of a type: {@code region_intersects} ({@link Rule#RI_3
   * RI-3}).
   *
   * <p>It accepts every size and start as the kernel does: a size of 0 ({@link Rule#RI_5 RI-5}) and
   * a range that wraps around are answered by unsigned arithmetic.
   *
   * @param start the first byte's address
   * @param size in bytes
   * @param flags the bits a resource must have, all of them
   * @param desc the descriptor it must have; NONE takes any
   */
  public Intersection regionIntersects(long start, long size, long flags, ResourceDesc desc) {
    Objects.requireNonNull(desc, "desc");
    return intersect(start, size, flags, desc, insideWindows);
  }

  /**
   * Tells how a range overlaps System RAM: {@code region_intersects}.
   *
   * @param reader told if a kernel that does not look inside windows would answer otherwise
   */
  public Intersection systemRamIntersects(long start, long size, Fact.Reader reader) {
    Objects.requireNonNull(reader, "reader");
    long ram = ResourceFlags.SYSTEM_RAM;
    Intersection answer = intersect(start, size, ram, ResourceDesc.NONE, insideWindows);
    if (hasSystemRamInside()
        && intersect(start, size, ram, ResourceDesc.NONE, !insideWindows) != answer) {
      KernelRules.noteRead(reader);
    }
    return answer;
  }

  private Intersection intersect(
      long start, long size, long flags, ResourceDesc desc, boolean inside) {
    long end = start + size - 1;
    int ofType = 0;
    int other = 0;
    List<Resource> children = root.children();
    for (int i = root.firstChildReaching(start); i < children.size(); i++) {
      Resource child = children.get(i);
      if (Long.compareUnsigned(child.range().start(), end) > 0) {
        break;
      }
      if (child.isOfType(flags, desc)) {
        ofType++;
        continue;
      }
      if (!inside) {
        other++;
        continue;
      }
      WindowCover cover = new WindowCover(child, start, end, flags, desc);
      cover.visit(child);
      ofType += cover.matches;
      if (!cover.covered) {
        other++;
      }
    }
    if (ofType == 0) {
      return Intersection.DISJOINT;
    }
    return other == 0 ? Intersection.INTERSECTS : Intersection.MIXED;
  }

  /**
   * RI-4: whether the descendants of a window that match cover all that a range shares with it. A
   * match counts even where a gap is found right before it, so such a window is mixed.
   */
  private static final class WindowCover {
    private final long start;
    private final long end;
    private final long flags;
    private final ResourceDesc desc;
    private final long lastToCover;
    private long nextToCover;
    private int matches;
    private boolean covered;
    private boolean stopped;

    WindowCover(Resource window, long start, long end, long flags, ResourceDesc desc) {
      this.start = start;
      this.end = end;
      this.flags = flags;
      this.desc = desc;
      this.nextToCover = maxUnsigned(window.range().start(), start);
      this.lastToCover = minUnsigned(window.range().endInclusive(), end);
    }

    void visit(Resource parent) {
      List<Resource> children = parent.children();
      for (int i = parent.firstChildReaching(start); i < children.size() && !stopped; i++) {
        Resource child = children.get(i);
        if (Long.compareUnsigned(child.range().start(), end) > 0) {
          return;
        }
        if (child.isOfType(flags, desc)) {
          matches++;
          if (Long.compareUnsigned(child.range().start(), nextToCover) > 0) {
            stopped = true;
          } else if (Long.compareUnsigned(child.range().endInclusive(), lastToCover) >= 0) {
            covered = true;
            stopped = true;
          } else {
            nextToCover = maxUnsigned(nextToCover, child.range().endInclusive() + 1);
          }
        }
        if (!stopped) {
          visit(child);
        }
      }
    }
  }

  /**
   * Returns all System RAM, wherever in the tree it lies, as the fewest ranges in ascending order.
   */
  public List<PhysRange> systemRamRuns() {
    List<PhysRange> runs = systemRamRuns;
    if (runs == null) {
      List<PhysRange> found = new ArrayList<>();
      systemRamInside = collectRam(root, false, found);
      runs = List.copyOf(found);
      systemRamRuns = runs;
    }
    return runs;
  }

  /** Returns whether some System RAM lies in a resource of another type, such as a CXL window. */
  public boolean hasSystemRamInside() {
    return !systemRamRuns().isEmpty() && systemRamInside;
  }

  /**
   * Collects the RAM that lies in a resource, and answers whether some lies in one of another type.
   *
   * @param inOther whether this is one of another type, and not the root
   */
  private static boolean collectRam(Resource parent, boolean inOther, List<PhysRange> runs) {
    boolean inside = false;
    for (Resource child : parent.children()) {
      if (!child.isSystemRam()) {
        inside |= collectRam(child, true, runs);
        continue;
      }
      inside |= inOther;
      PhysRange last = runs.isEmpty() ? null : runs.getLast();
      if (last != null && last.endInclusive() + 1 == child.range().start()) {
        runs.set(runs.size() - 1, new PhysRange(last.start(), child.range().endInclusive()));
      } else {
        runs.add(child.range());
      }
    }
    return inside;
  }

  /** Returns the whole run of System RAM around this address; empty if it is not RAM. */
  public Optional<PhysRange> systemRamRunAt(long address) {
    List<PhysRange> runs = systemRamRuns();
    int first = firstRunReaching(runs, address);
    return first < runs.size() && runs.get(first).contains(address)
        ? Optional.of(runs.get(first))
        : Optional.empty();
  }

  /** Returns the runs of System RAM that overlap a range, ascending, not clipped to it. */
  public List<PhysRange> systemRamRunsIn(PhysRange range) {
    Objects.requireNonNull(range, "range");
    List<PhysRange> runs = systemRamRuns();
    int first = firstRunReaching(runs, range.start());
    int end = first;
    while (end < runs.size() && runs.get(end).overlaps(range)) {
      end++;
    }
    return runs.subList(first, end);
  }

  /** The index of the first run that does not end below an address; the size if all do. */
  private static int firstRunReaching(List<PhysRange> runs, long address) {
    int low = 0;
    int high = runs.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (Long.compareUnsigned(runs.get(middle).endInclusive(), address) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** Returns whether every byte of a range lies in System RAM. */
  public boolean isCoveredBySystemRam(PhysRange range) {
    Objects.requireNonNull(range, "range");
    return systemRamRunAt(range.start()).filter(run -> run.contains(range)).isPresent();
  }

  /**
   * Visits the runs of busy System RAM in a range, in whole pages and ascending: {@code
   * walk_system_ram_range} over the whole tree. A page that is RAM only in part is left out.
   *
   * @param pages the pages asked about, as bytes
   * @param pageBytes the machine's page size, a power of two
   * @param visit called with each run; returns whether to go on
   */
  public void walkSystemRam(PhysRange pages, long pageBytes, Predicate<PhysRange> visit) {
    Objects.requireNonNull(pages, "pages");
    Objects.requireNonNull(visit, "visit");
    walkSystemRam(root, pages, pageBytes, visit);
  }

  private static boolean walkSystemRam(
      Resource parent, PhysRange pages, long pageBytes, Predicate<PhysRange> visit) {
    List<Resource> children = parent.children();
    for (int i = parent.firstChildReaching(pages.start()); i < children.size(); i++) {
      Resource child = children.get(i);
      if (Long.compareUnsigned(child.range().start(), pages.endInclusive()) > 0) {
        break;
      }
      if (!child.isSystemRam() || !child.isBusy()) {
        if (!walkSystemRam(child, pages, pageBytes, visit)) {
          return false;
        }
        continue;
      }
      PhysRange shared = child.range().intersection(pages).orElseThrow();
      PhysRange whole = wholePages(shared, pageBytes);
      if (whole != null && !visit.test(whole)) {
        return false;
      }
    }
    return true;
  }

  private static @Nullable PhysRange wholePages(PhysRange range, long pageBytes) {
    long inPage = pageBytes - 1;
    long first = range.firstPfn(pageBytes) + ((range.start() & inPage) == 0 ? 0 : 1);
    boolean endsWhole = (range.endInclusive() & inPage) == inPage;
    long last = range.lastPfn(pageBytes) - (endsWhole ? 0 : 1);
    return first <= last ? PhysRange.ofPfns(first, last, pageBytes) : null;
  }

  /**
   * Finds the first resource of a type that overlaps a range, clipped to it: {@code
   * find_next_iomem_res}.
   *
   * @param start the first byte's address
   * @param end the last byte's address, inclusive; a range of one byte finds nothing, as in the
   *     kernel
   */
  public Optional<PhysRange> findNext(long start, long end, long flags, ResourceDesc desc) {
    Objects.requireNonNull(desc, "desc");
    if (Long.compareUnsigned(start, end) >= 0) {
      return Optional.empty();
    }
    PhysRange range = new PhysRange(start, end);
    Resource found = firstOfType(root, range, flags, desc);
    return found == null ? Optional.empty() : found.range().intersection(range);
  }

  private static @Nullable Resource firstOfType(
      Resource parent, PhysRange range, long flags, ResourceDesc desc) {
    List<Resource> children = parent.children();
    for (int i = parent.firstChildReaching(range.start()); i < children.size(); i++) {
      Resource child = children.get(i);
      if (!child.range().overlaps(range)) {
        break;
      }
      Resource found = child.isOfType(flags, desc) ? child : firstOfType(child, range, flags, desc);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  /**
   * Returns why mapping a range looks suspicious: {@code iomem_map_sanity_check}, which only warns.
   *
   * @param pageBytes the machine's page size, a power of two
   * @return a sentence; empty if nothing is suspicious
   */
  public Optional<String> sanityCheck(PhysRange range, long pageBytes) {
    return spanned(range, pageBytes)
        .map(spanned -> "the request for %s spans more than %s".formatted(range, spanned));
  }

  /**
   * Returns the resource that makes {@link #sanityCheck} suspicious: the first that has a part of
   * the range's pages and not all of them, and that no driver has requested.
   *
   * @param pageBytes the machine's page size, a power of two
   */
  public Optional<Resource> spanned(PhysRange range, long pageBytes) {
    Objects.requireNonNull(range, "range");
    return Optional.ofNullable(notCovering(root, range, pageBytes));
  }

  private static @Nullable Resource notCovering(Resource parent, PhysRange range, long pageBytes) {
    List<Resource> children = parent.children();
    for (int i = parent.firstChildReaching(range.start()); i < children.size(); i++) {
      Resource child = children.get(i);
      if (!child.range().overlaps(range)) {
        break;
      }
      boolean coversPages =
          Long.compareUnsigned(child.range().firstPfn(pageBytes), range.firstPfn(pageBytes)) <= 0
              && Long.compareUnsigned(child.range().lastPfn(pageBytes), range.lastPfn(pageBytes))
                  >= 0;
      if (!coversPages && !child.isBusy()) {
        return child;
      }
      Resource below = notCovering(child, range, pageBytes);
      if (below != null) {
        return below;
      }
    }
    return null;
  }

  /**
   * Visits every resource except the root in the order of {@code /proc/iomem}, with its depth from
   * 0.
   */
  public void walk(ObjIntConsumer<Resource> visit) {
    Objects.requireNonNull(visit, "visit");
    walk(root, 0, visit);
  }

  private static void walk(Resource parent, int depth, ObjIntConsumer<Resource> visit) {
    for (Resource child : parent.children()) {
      visit.accept(child, depth);
      walk(child, depth + 1, visit);
    }
  }

  /** Returns the resources that hold an address, outermost first; empty in a hole. */
  public List<Resource> pathTo(long address) {
    List<Resource> path = new ArrayList<>();
    Resource node = root;
    while (true) {
      int i = node.firstChildReaching(address);
      if (i == node.children().size() || !node.children().get(i).range().contains(address)) {
        return path;
      }
      node = node.children().get(i);
      path.add(node);
    }
  }

  /** Returns the resources with this name, in the order of {@code /proc/iomem}. */
  public List<Resource> named(String name) {
    Objects.requireNonNull(name, "name");
    List<Resource> found = new ArrayList<>();
    walk(
        (resource, depth) -> {
          if (name.equals(resource.name())) {
            found.add(resource);
          }
        });
    return found;
  }

  /**
   * Where a driver's request for a range lands ({@link Rule#RES_8 RES-8}).
   *
   * @param range the range
   * @param parent the innermost resource around it that is not busy
   * @param inTheWay a busy resource there, or one that the range overlaps only in part; null if the
   *     request would be granted
   */
  public record Landing(PhysRange range, Resource parent, @Nullable Resource inTheWay) {
    /** Checks the parts. */
    public Landing {
      Objects.requireNonNull(range, "range");
      Objects.requireNonNull(parent, "parent");
    }

    /** Returns why the request would be refused; empty if it would be granted. */
    public Optional<Refusal> refusal() {
      return Optional.ofNullable(inTheWay).map(met -> met.inTheWayOf(range, Rule.RES_8));
    }
  }

  /** Returns where a driver's request for a range would land: {@code request_mem_region}. */
  public Landing landing(PhysRange range) {
    Objects.requireNonNull(range, "range");
    Resource parent = root;
    while (true) {
      Resource met = parent.conflictBelow(range);
      if (met == null || met.isSameAs(parent) || met.isBusy()) {
        return new Landing(range, parent, met);
      }
      parent = met;
    }
  }

  private static long maxUnsigned(long a, long b) {
    return Long.compareUnsigned(a, b) >= 0 ? a : b;
  }

  private static long minUnsigned(long a, long b) {
    return Long.compareUnsigned(a, b) <= 0 ? a : b;
  }
}
