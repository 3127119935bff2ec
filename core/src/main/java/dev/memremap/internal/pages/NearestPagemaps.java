// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import static dev.memremap.internal.pages.PagemapAccess.access;

import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.internal.space.AddressSpace;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.PagemapRange;
import dev.memremap.plan.PagemapPlan;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.ResourceSnapshot;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/**
 * Finds ranges near a refused page map that would be granted: its range rounded to 2 MiB, or moved
 * just past the obstacle, upwards and downwards.
 *
 * <p>The answer begins with the nearest range ({@link dev.memremap.plan.Plan#nearest}). Of ranges
 * that begin at one address, the part of what was asked for comes first, then what is rounded
 * outwards, then what keeps its size.
 */
final class NearestPagemaps {
  private static final int STEPS = 64;

  private final ResourceSnapshot resources;
  private final PageGeometry geometry;
  private final long end;
  private final long subsection;
  private final PagemapTable table;
  private final Function<DevPagemap, PagemapPlan> rules;

  NearestPagemaps(AddressSpace space, PagemapTable table, Function<DevPagemap, PagemapPlan> rules) {
    this.resources = space.resources();
    this.geometry = space.geometry();
    this.end = PagemapEnd.of(space.platform()).end();
    this.subsection = geometry.subsectionBytes();
    this.table = table;
    this.rules = rules;
  }

  /** At most four ranges, without repetition; none if the map has several ranges. */
  List<PhysRange> of(DevPagemap map) {
    if (map.ranges().size() != 1) {
      return List.of();
    }
    PagemapRange range = map.ranges().getFirst();
    long size = Math.max(subsection, up(range.sizeBytes()));
    long down = range.start() & -subsection;
    List<PhysRange> found = new ArrayList<>();
    if (size <= 0 || size > end) {
      return found;
    }
    long inside = ((range.endInclusive() + 1) & -subsection) - up(range.start());
    if (!range.isEmpty() && inside > 0) {
      tryOut(map, up(range.start()), inside, found);
    }
    tryOut(map, down, Math.max(size, up(range.endInclusive() + 1) - down), found);
    search(map, down, size, true, found);
    search(map, down, size, false, found);
    // a stable sort: ranges that begin at one address stay in the order in which they were found
    found.sort(nearestFirst(range.start()));
    return found;
  }

  /** By the distance between the first bytes; of two equally far, the higher address first. */
  private static Comparator<PhysRange> nearestFirst(long asked) {
    return Comparator.<PhysRange, Long>comparing(
            found -> distance(found.start(), asked), Long::compareUnsigned)
        .thenComparing(PhysRange::start, (one, other) -> Long.compareUnsigned(other, one));
  }

  private static long distance(long one, long other) {
    return Long.compareUnsigned(one, other) >= 0 ? one - other : other - one;
  }

  private long up(long value) {
    return (value + subsection - 1) & -subsection;
  }

  private boolean tryOut(DevPagemap map, long start, long size, List<PhysRange> found) {
    if (start < 0 || size <= 0 || start + size > end) {
      return false;
    }
    PhysRange range = PhysRange.of(start, size);
    if (found.contains(range)) {
      return true;
    }
    if (!rules.apply(access().at(map, range, geometry.pageBytes())).isGranted()) {
      return false;
    }
    found.add(range);
    return true;
  }

  /** From obstacle to obstacle, up or down, until one position works. */
  private void search(
      DevPagemap map, long from, long size, boolean upwards, List<PhysRange> found) {
    long highest = end - size;
    long start = upwards || Long.compareUnsigned(from, highest) < 0 ? from : highest;
    for (int step = 0; step < STEPS; step++) {
      if (start < 0 || start + size > end) {
        return;
      }
      if (tryOut(map, start, size, found)) {
        return;
      }
      PhysRange obstacle = obstacle(PhysRange.of(start, size), upwards);
      long next =
          upwards ? up(obstacle.endInclusive() + 1) : (obstacle.start() & -subsection) - size;
      start = next == start ? next + (upwards ? subsection : -subsection) : next;
    }
  }

  /** The System RAM or page map that is most in the way; the range itself if neither is. */
  private PhysRange obstacle(PhysRange range, boolean upwards) {
    List<PhysRange> inTheWay = new ArrayList<>(resources.systemRamRunsIn(range));
    for (PagemapLife life : table.overlapping(geometry.firstPfn(range), geometry.lastPfn(range))) {
      for (LiveRange live : life.ranges()) {
        if (live.range().overlaps(range)) {
          inTheWay.add(live.range());
        }
      }
    }
    if (inTheWay.isEmpty()) {
      return range;
    }
    inTheWay.sort(null);
    return Objects.requireNonNull(upwards ? inTheWay.getLast() : inTheWay.getFirst());
  }
}
