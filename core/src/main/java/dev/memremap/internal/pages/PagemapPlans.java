// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import static dev.memremap.internal.pages.PagemapAccess.access;
import static dev.memremap.internal.pages.PagemapSentences.misuse;

import dev.memremap.cache.CacheMode;
import dev.memremap.internal.memtype.Reservation;
import dev.memremap.internal.space.AddressSpace;
import dev.memremap.machine.MemmapGeometry;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.VmemAltmap;
import dev.memremap.plan.PagemapPlan;
import dev.memremap.ref.PercpuRef;
import dev.memremap.resource.PhysRange;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Plans page maps, and reserves the memory types of one that is granted, in one step of the address
 * space.
 *
 * <p>Thread safety: all methods may be called from any thread; what it works on is thread-safe.
 */
final class PagemapPlans {
  private final AddressSpace space;
  private final PagemapTable table;
  private final MemmapGeometry memmap;
  private final MemmapLayout layout;
  private final Function<DevPagemap, List<PhysRange>> nearest = this::nearest;

  /**
   * Plans for a machine.
   *
   * @param table which map covers which page
   * @param memmap how large page structures are
   * @param layout where a page's words lie
   */
  PagemapPlans(AddressSpace space, PagemapTable table, MemmapGeometry memmap, MemmapLayout layout) {
    this.space = space;
    this.table = table;
    this.memmap = memmap;
    this.layout = layout;
  }

  /**
   * What mapping it would do.
   *
   * @throws IllegalStateException if it is mapped already or still drains (D-5)
   */
  PagemapPlan plan(DevPagemap map) {
    requireUnmapped(map);
    return planned(map).plan();
  }

  /** D-5: a map has one life at a time. */
  private static void requireUnmapped(DevPagemap map) {
    if (access().life(map) != null) {
      throw misuse(
          map,
          map.state() != DevPagemap.State.LIVE
              ? "it still drains; it can be mapped again when its last reference was put"
              : "it is mapped already; unmap it first, or make another map");
    }
  }

  private PlannedMap planned(DevPagemap map) {
    return space.atomically(
        () -> new PagemapRules(space, table, memmap, layout, nearest).plan(map));
  }

  private List<PhysRange> nearest(DevPagemap refused) {
    return space.atomically(() -> new NearestPagemaps(space, table, this::plan).of(refused));
  }

  /**
   * Plans a map, and reserves its memory types if the plan is granted.
   *
   * @throws IllegalStateException if it is mapped already or still drains (D-5)
   */
  PlannedMap reserve(DevPagemap map) {
    requireUnmapped(map);
    return space.atomically(
        () -> {
          PlannedMap planned = planned(map);
          if (planned.plan().isGranted()) {
            reserve(map, planned.layout().ranges());
          } else {
            keepAlignOfFirstRange(planned);
          }
          return planned;
        });
  }

  private void reserve(DevPagemap map, List<LiveRange> ranges) {
    for (int i = 0; i < ranges.size(); i++) {
      LiveRange range = ranges.get(i);
      CacheMode asked = LiveRange.askedMode(map.type().orElseThrow(), ranges.subList(0, i));
      Reservation reserved = space.memtypes().trackPfnRemap(range.range(), asked, false);
      if (reserved.mode() != range.mode()) {
        throw new AssertionError("a plan was granted that cannot be reserved: " + reserved);
      }
    }
  }

  /** Where a later range is refused, the first was carried out and undone: align stays (AM-5). */
  private static void keepAlignOfFirstRange(PlannedMap refused) {
    VmemAltmap altmap = access().validAltmap(refused.map());
    if (altmap != null && refused.plan().refusedRange() > 0) {
      VmemAltmap.Used after = refused.layout().altmapAfter();
      long align = after == null ? altmap.align() : after.align();
      access().use(altmap, new VmemAltmap.Used(align, 0));
    }
  }

  /** Makes the life of a planned map; without room for it, its memory types are given back. */
  PagemapLife life(
      PagemapLife.Home home,
      DevPagemap map,
      PagemapLayout layout,
      PercpuRef ref,
      @Nullable Object manager) {
    try {
      return new PagemapLife(home, map, layout, ref, manager);
    } catch (Error noRoom) {
      untrack(layout.ranges());
      throw noRoom;
    }
  }

  /** Gives the memory types back that a map has reserved, and was not mapped. */
  void untrack(List<LiveRange> ranges) {
    for (LiveRange range : ranges) {
      space.memtypes().untrackPfn(range.range());
    }
  }

  /**
   * Gives the memory types back that a life has reserved. Where that finds no room in the heap, a
   * second call goes on.
   */
  void untrack(PagemapLife life) {
    for (LiveRange range = life.tracked(); range != null; range = life.tracked()) {
      space.memtypes().untrackPfn(range.range());
      life.untracked();
    }
  }
}
