// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import dev.memremap.machine.MemmapGeometry;
import dev.memremap.page.MemoryType;
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

  /** The references that a map of this type holds in addition to the initial one (C-5). */
  long references(MemoryType type) {
    return type.isHandedOut() ? 0 : LiveRange.sum(ranges, LiveRange::references);
  }

  /**
   * What a plan says of it.
   *
   * @param type the type of the map; null if it was not set
   */
  PagemapPlan.Structures structures(@Nullable MemoryType type) {
    return new PagemapPlan.Structures(
        memmap,
        LiveRange.sum(ranges, LiveRange::pages),
        LiveRange.sum(ranges, LiveRange::usablePages),
        type == null ? 0 : references(type),
        share == null ? 0 : share.pages(),
        share == null ? 0 : share.atPfn());
  }
}
