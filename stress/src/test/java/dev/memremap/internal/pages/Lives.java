// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import dev.memremap.cache.CacheMode;
import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.internal.space.MappedRegion;
import dev.memremap.machine.MemmapGeometry;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.page.Page;
import dev.memremap.ref.PercpuRef;
import dev.memremap.resource.PhysRange;
import java.util.ArrayList;
import java.util.List;

/** Lives of page maps that a table holds and nothing else does: no memory is mapped for them. */
final class Lives {
  private static final PageGeometry GEOMETRY = PageGeometry.X86_64;
  private static final long SUBSECTION = GEOMETRY.subsectionPages();

  /** A leaf of the table spans so many pages. */
  private static final long LEAF = 256 * SUBSECTION;

  /** Pages to look up: two of the first map, two of the second, one of the third. */
  static final List<Long> PROBES =
      List.of(LEAF, 3 * LEAF, 2 * LEAF, 3 * LEAF - 1, LEAF + SUBSECTION);

  private Lives() {}

  /**
   * The first map has a subsection in each of two leaves, the second fills the leaf between them,
   * the third lies beside the first.
   */
  static List<PagemapLife> ofModel() {
    return List.of(
        life(LEAF, LEAF + SUBSECTION - 1, 3 * LEAF, 3 * LEAF + SUBSECTION - 1),
        life(2 * LEAF, 3 * LEAF - 1),
        life(LEAF + SUBSECTION, LEAF + 2 * SUBSECTION - 1));
  }

  /**
   * A life.
   *
   * @param bounds the first and last page of each range
   */
  static PagemapLife life(long... bounds) {
    List<LiveRange> ranges = new ArrayList<>();
    long blocks = 0;
    for (int i = 0; i < bounds.length; i += 2) {
      PhysRange range = GEOMETRY.range(bounds[i], bounds[i + 1]);
      ranges.add(new LiveRange(GEOMETRY, range, CacheMode.WB, bounds[i], 0, blocks));
      blocks += (bounds[i + 1] - bounds[i] + 1) / SUBSECTION;
    }
    PagemapLayout layout = new PagemapLayout(MemmapGeometry.COMPACT, ranges, null, null);
    DevPagemap map = DevPagemap.over(ranges.getFirst().range()).type(MemoryType.GENERIC).build();
    return new PagemapLife(new NoHome(), map, layout, PercpuRef.init(), null);
  }

  /** Where nothing happens to a life. */
  private static final class NoHome implements PagemapLife.Home {
    private final Vmemmap vmemmap =
        new Vmemmap(
            new MappedRegion.Quota(1, "the model"),
            new MemmapLayout(
                GEOMETRY,
                MemmapGeometry.COMPACT.entryBytes(),
                Long.BYTES,
                Long.BYTES * SUBSECTION,
                false));

    @Override
    public PageCounts counts(MemoryType type) {
      return new PageCounts(1, 0, true, PageCounts.AtFree.IS_FREED, false, false);
    }

    @Override
    public Vmemmap vmemmap() {
      return vmemmap;
    }

    @Override
    public MappedRegion region() {
      throw new UnsupportedOperationException("no memory is mapped");
    }

    @Override
    public void drained(PagemapLife life) {}

    @Override
    public void pageFreed(Page page, boolean hasCallback) {}
  }
}
