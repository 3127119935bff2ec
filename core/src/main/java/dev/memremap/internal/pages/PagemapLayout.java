// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import dev.memremap.machine.MemmapGeometry;
import dev.memremap.page.VmemAltmap;
import dev.memremap.plan.PagemapPlan;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the pages and page structures of a map would lie, as far as its checks came.
 *
 * @param memmap how large a page structure is
 * @param ranges the ranges that passed their checks
 * @param share the part of the altmap that holds page structures; null if none does
 * @param altmapAfter what would be taken of the altmap after that; null without an altmap
 */
public record PagemapLayout(
    MemmapGeometry memmap,
    List<LiveRange> ranges,
    @Nullable AltmapShare share,
    VmemAltmap.@Nullable Used altmapAfter) {
  /** Copies the ranges. */
  public PagemapLayout {
    ranges = List.copyOf(ranges);
  }

  /** The references that a map holds in addition to the initial one (C-5). */
  long references(PageCounts counts) {
    return counts.owned() ? LiveRange.sum(ranges, LiveRange::references) : 0;
  }

  /**
   * What a plan says of it.
   *
   * @param counts what the counts of its pages would do; null if its type was not set
   */
  PagemapPlan.Structures structures(@Nullable PageCounts counts) {
    return new PagemapPlan.Structures(
        memmap,
        LiveRange.sum(ranges, LiveRange::pages),
        LiveRange.sum(ranges, LiveRange::usablePages),
        counts == null ? 0 : references(counts),
        share == null ? 0 : share.pages(),
        share == null ? 0 : share.atPfn());
  }
}
