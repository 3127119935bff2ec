// SPDX-License-Identifier: Apache-2.0
package dev.memremap.drawing.source;

import dev.memremap.Machine;
import dev.memremap.drawing.model.Kind;
import dev.memremap.drawing.model.Overlay;
import dev.memremap.drawing.model.SizeText;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.page.PagemapRange;
import dev.memremap.page.VmemAltmap;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.PlainText;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** Page maps, as they are drawn beside a machine. */
public final class PagemapOverlay {
  private PagemapOverlay() {}

  /** Returns a page map of a machine, one overlay for each of its ranges. */
  public static List<Overlay> of(DevPagemap map, Machine machine) {
    Objects.requireNonNull(map, "map");
    DevPagemap.State state = map.state();
    if (state == DevPagemap.State.UNMAPPED) {
      return List.of();
    }
    List<Overlay> overlays = new ArrayList<>();
    for (int i = 0; i < map.ranges().size(); i++) {
      PagemapRange filled = map.ranges().get(i);
      PhysRange range = new PhysRange(filled.start(), filled.endInclusive());
      long setAside = i == 0 ? map.altmap().map(VmemAltmap::offset).orElse(0L) : 0;
      PagesInUse pages = PagesInUse.of(map, range, setAside, machine);
      List<String> lines = new ArrayList<>();
      lines.add(PlainText.of(map.toString()));
      lines.add(
          "%s, %s, %s"
              .formatted(
                  map.type().map(MemoryType::name).orElse("untyped"),
                  SizeText.of(range),
                  map.cacheMode()));
      lines.add(
          "%s, references held: %d"
              .formatted(state.name().toLowerCase(Locale.ROOT), map.outsideReferences()));
      String used = pages.line();
      if (used != null) {
        lines.add(used);
      }
      String id = "pagemap-%x".formatted(range.start());
      overlays.add(
          new Overlay(
              id, kind(state), range, lines, false, parts(map, i, range, machine), pages.cells()));
    }
    return overlays;
  }

  private static Kind kind(DevPagemap.State state) {
    return switch (state) {
      case LIVE -> Kind.PAGEMAP_LIVE;
      case KILLED -> Kind.PAGEMAP_KILLED;
      case DRAINING, HELD, UNMAPPED -> Kind.PAGEMAP_DRAINING;
    };
  }

  private static List<Overlay.Part> parts(
      DevPagemap map, int index, PhysRange range, Machine machine) {
    VmemAltmap altmap = map.altmap().orElse(null);
    if (index != 0 || altmap == null) {
      return List.of();
    }
    long used = altmap.alloc() + altmap.align();
    return AltmapParts.of(range, machine.pageSize(), altmap.reserve(), used, altmap.free() - used);
  }
}
