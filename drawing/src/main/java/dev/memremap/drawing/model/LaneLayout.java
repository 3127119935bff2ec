// SPDX-License-Identifier: Apache-2.0
package dev.memremap.drawing.model;

import dev.memremap.resource.PhysRange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** Draws what lies beside the machines, in lanes: what shares addresses is in lanes of its own. */
final class LaneLayout {
  private static final int MAX_COLUMNS = 46;
  private static final int CELLS_A_ROW = 16;
  private static final int MAX_LANES = 8;
  private static final int MAX_GROUPS = 500;

  private static final Comparator<Placed> BY_END =
      Comparator.<Placed, Long>comparing(
              placed -> placed.overlay.range().endInclusive(), Long::compareUnsigned)
          .thenComparingInt(Placed::lane);

  private final Canvas canvas;
  private final Metrics metrics;
  private final List<Placed> all = new ArrayList<>();
  private int lanes;

  /** Room that something needs. */
  record Wanted(PhysRange range, int height) {}

  private record Placed(Overlay overlay, List<String> lines, int lane) {}

  /** Places overlays, those that the view shows, cut to its window. */
  LaneLayout(Canvas canvas, List<Overlay> overlays, View view) {
    this.canvas = canvas;
    this.metrics = canvas.metrics;
    PhysRange window = view.window();
    List<Overlay> asked = new ArrayList<>();
    List<Overlay> further = new ArrayList<>();
    for (Overlay each : overlays) {
      if (window == null || window.overlaps(each.range())) {
        (each.kind().isFurther() ? further : asked).add(window == null ? each : cut(each, window));
      }
    }
    place(asked, view.maxBoxes());
    place(further, view.maxBoxes());
  }

  /**
   * Places overlays in lanes of their own, as few as they need; what has no room is drawn as one.
   */
  private void place(List<Overlay> overlays, int most) {
    overlays.sort(Comparator.comparing(Overlay::range).thenComparing(Overlay::id));
    PriorityQueue<Placed> open = new PriorityQueue<>(BY_END);
    List<Overlay> rest = new ArrayList<>();
    int firstLane = lanes;
    for (Overlay each : overlays) {
      Placed before = open.peek();
      boolean isFree = before != null && endsBefore(before.overlay, each);
      boolean hasRoom = all.size() < most && (isFree || lanes - firstLane < MAX_LANES);
      if (hasRoom) {
        Placed placed = new Placed(each, wrapped(each), isFree ? open.remove().lane : lanes++);
        open.add(placed);
        all.add(placed);
      } else {
        rest.add(each);
      }
    }
    if (!rest.isEmpty()) {
      groups(rest, most).forEach(each -> all.add(new Placed(each, wrapped(each), lanes)));
      lanes++;
    }
  }

  private static boolean endsBefore(Overlay before, Overlay next) {
    return Long.compareUnsigned(before.range().endInclusive(), next.range().start()) < 0;
  }

  private static List<String> wrapped(Overlay overlay) {
    List<String> lines = new ArrayList<>();
    overlay.lines().forEach(line -> lines.addAll(Canvas.wrap(line, MAX_COLUMNS)));
    return lines;
  }

  /** What has no room: a box for each run of those that share addresses, or for several runs. */
  private static List<Overlay> groups(List<Overlay> sorted, int most) {
    List<Overlay> groups = new ArrayList<>();
    int aBox = sorted.size() / Math.min(most, MAX_GROUPS) + 1;
    int from = 0;
    PhysRange range = sorted.getFirst().range();
    for (int i = 1; i <= sorted.size(); i++) {
      Overlay next = i < sorted.size() ? sorted.get(i) : null;
      boolean isOver =
          next == null
              || (Long.compareUnsigned(range.endInclusive(), next.range().start()) < 0
                  && i - from >= aBox);
      if (isOver) {
        String id = "more-%x".formatted(range.start());
        List<String> lines = List.of(i - from + " more");
        groups.add(new Overlay(id, Kind.GROUP, range, lines, false));
        from = i;
      }
      if (next != null) {
        range = isOver ? next.range() : union(range, next.range());
      }
    }
    return groups;
  }

  private static PhysRange union(PhysRange a, PhysRange b) {
    boolean isLonger = Long.compareUnsigned(b.endInclusive(), a.endInclusive()) > 0;
    return new PhysRange(a.start(), isLonger ? b.endInclusive() : a.endInclusive());
  }

  private static Overlay cut(Overlay whole, PhysRange window) {
    List<Overlay.Part> parts = new ArrayList<>();
    for (Overlay.Part part : whole.parts()) {
      part.range()
          .intersection(window)
          .ifPresent(range -> parts.add(new Overlay.Part(range, part.kind(), part.name())));
    }
    return new Overlay(
        whole.id(),
        whole.kind(),
        whole.range().intersection(window).orElseThrow(),
        whole.lines(),
        whole.assumed(),
        parts,
        whole.cells());
  }

  /** The addresses that are drawn, those of parts, too. */
  List<PhysRange> ranges() {
    List<PhysRange> ranges = new ArrayList<>();
    for (Placed each : all) {
      ranges.add(each.overlay.range());
      each.overlay.parts().forEach(part -> ranges.add(part.range()));
    }
    return ranges;
  }

  /** The room that is needed, parts first. */
  List<Wanted> wanted() {
    List<Wanted> wanted = new ArrayList<>();
    for (Placed each : all) {
      each.overlay.parts().forEach(part -> wanted.add(new Wanted(part.range(), metrics.row())));
    }
    for (Placed each : all) {
      wanted.add(new Wanted(each.overlay.range(), height(each)));
    }
    return wanted;
  }

  private int height(Placed placed) {
    int text = placed.lines.size() * metrics.line();
    int cells = placed.overlay.cells().size();
    int grid = cells == 0 ? 0 : rows(cells) * metrics.cell() + metrics.padY();
    return 2 * metrics.padY() + text + grid;
  }

  private static int rows(int cells) {
    return (cells + CELLS_A_ROW - 1) / CELLS_A_ROW;
  }

  private int partsWidth(Placed placed) {
    int width = 0;
    for (Overlay.Part part : placed.overlay.parts()) {
      width = Math.max(width, canvas.width(part.name()) + 2 * metrics.pad());
    }
    return width;
  }

  private int width(Placed placed) {
    int text = placed.lines.stream().mapToInt(canvas::width).max().orElse(0);
    int grid = Math.min(placed.overlay.cells().size(), CELLS_A_ROW) * metrics.cell();
    return partsWidth(placed) + Math.max(text, grid) + 2 * metrics.pad();
  }

  /**
   * Draws them.
   *
   * @param marks the left edge of the machine that they are drawn beside
   * @param from its right edge
   * @param x where the first lane begins
   */
  void draw(Scale scale, int marks, int from, int x) {
    int[] lefts = new int[lanes + 1];
    for (Placed each : all) {
      lefts[each.lane + 1] = Math.max(lefts[each.lane + 1], width(each) + metrics.space());
    }
    lefts[0] = x;
    for (int i = 1; i <= lanes; i++) {
      lefts[i] += lefts[i - 1];
    }
    for (Placed each : all) {
      int top = scale.outerTop(each.overlay.range());
      int bottom = scale.outerBottom(each.overlay.range());
      int left = lefts[each.lane];
      for (int y : new int[] {top, bottom}) {
        canvas.line(marks, y, from, y, Line.Role.MARK);
        canvas.line(from, y, left, y, Line.Role.GUIDE);
      }
      int width = lefts[each.lane + 1] - metrics.space() - left;
      draw(each, scale, new Rect(left, top, width, bottom - top));
    }
  }

  private void draw(Placed placed, Scale scale, Rect rect) {
    Overlay overlay = placed.overlay;
    String id = "overlay-" + overlay.id();
    int box =
        canvas.box(
            id,
            Box.Role.OVERLAY,
            overlay.kind(),
            rect,
            overlay.range(),
            overlay.lines().isEmpty() ? "" : overlay.lines().getFirst(),
            "%s, %s: %s"
                .formatted(
                    String.join("; ", overlay.lines()), overlay.range(), overlay.kind().words()),
            -1,
            new Box.Marks(overlay.assumed(), false, !overlay.lines().isEmpty()));
    int parts = partsWidth(placed);
    for (Overlay.Part part : overlay.parts()) {
      int top = scale.outerTop(part.range());
      int height = scale.outerBottom(part.range()) - top;
      part(part, id, new Rect(rect.x(), top, parts, height), box);
    }
    int x = rect.x() + parts + metrics.pad();
    int y = rect.y() + metrics.padY();
    for (int i = 0; i < placed.lines.size(); i++) {
      Label.Style style = i == 0 ? Label.Style.NAME : Label.Style.TEXT;
      canvas.text(x, y, placed.lines.get(i), style, box);
      y += metrics.line();
    }
    cells(overlay, id, new Rect(x, y + metrics.padY(), 0, 0), box);
  }

  private void part(Overlay.Part part, String id, Rect rect, int parent) {
    int box =
        canvas.box(
            "%s-%s-%x".formatted(id, part.kind().id(), part.range().start()),
            Box.Role.PART,
            part.kind(),
            rect,
            part.range(),
            part.name(),
            "%s, %s, %s: %s"
                .formatted(
                    part.name(), part.range(), SizeText.of(part.range()), part.kind().words()),
            parent,
            Box.Marks.NAMED);
    canvas.text(
        rect.x() + metrics.pad(),
        rect.y() + (metrics.row() - metrics.line()) / 2,
        part.name(),
        Label.Style.NAME,
        box);
  }

  private void cells(Overlay overlay, String id, Rect at, int parent) {
    List<Overlay.Cell> cells = overlay.cells();
    for (int i = 0; i < cells.size(); i++) {
      Overlay.Cell cell = cells.get(i);
      int x = at.x() + i % CELLS_A_ROW * metrics.cell();
      int y = at.y() + i / CELLS_A_ROW * metrics.cell();
      boolean isPoisoned = cell.poisoned() > 0;
      canvas.box(
          "%s-pfn-%x".formatted(id, cell.firstPfn()),
          Box.Role.CELL,
          isPoisoned ? Kind.POISONED : Kind.ofReferences(cell.references()),
          new Rect(x, y, metrics.cell(), metrics.cell()),
          null,
          "",
          "pages 0x%x to 0x%x: %s%s"
              .formatted(
                  cell.firstPfn(),
                  cell.lastPfn(),
                  cell.references() == 0
                      ? "none in use"
                      : "at most %d references each".formatted(cell.references()),
                  isPoisoned ? ", %d poisoned".formatted(cell.poisoned()) : ""),
          parent,
          Box.Marks.NONE);
    }
  }
}
