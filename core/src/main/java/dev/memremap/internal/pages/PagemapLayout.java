// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import dev.memremap.machine.MemmapGeometry;
import dev.memremap.page.VmemAltmap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the pages and page structures of a map would lie, as far as its checks came.
 *
 * @param geometry how large a page structure is
 * @param ranges the ranges that passed their checks
 * @param share the part of the altmap that holds page structures; null if none does
 * @param altmapAfter what would be taken of the altmap after that; null without an altmap
 */
public record PagemapLayout(
    MemmapGeometry geometry,
    List<LiveRange> ranges,
    @Nullable AltmapShare share,
    VmemAltmap.@Nullable Used altmapAfter) {
  /** Copies the ranges. */
  public PagemapLayout {
    ranges = List.copyOf(ranges);
  }

  public long pages() {
    return ranges.stream().mapToLong(LiveRange::pages).sum();
  }

  public long usablePages() {
    return ranges.stream().mapToLong(LiveRange::usablePages).sum();
  }

  public long references() {
    return ranges.stream().mapToLong(LiveRange::references).sum();
  }
}
