// SPDX-License-Identifier: Apache-2.0
package dev.memremap.drawing.model;

import dev.memremap.resource.PhysRange;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Draws the resources of one machine, and the holes between them. */
final class PanelLayout {
  private final Canvas canvas;
  private final Metrics metrics;
  private final Scale scale;

  /** What the ids of its boxes begin with. */
  private final String prefix;

  private final List<Node> nodes;
  private final int x;
  private final int width;

  /** Names that have no room in their boxes, by ascending place. */
  private final List<Led> led = new ArrayList<>();

  /** A name outside its box. */
  private record Led(int box, int x, int y, String text) {}

  /** An address that is written at the left, and where. */
  record Address(int y, long address) {}

  private final List<Address> addresses;

  PanelLayout(Canvas canvas, Scale scale, String prefix, List<Node> nodes, At at) {
    this.canvas = canvas;
    this.metrics = canvas.metrics;
    this.scale = scale;
    this.prefix = prefix;
    this.nodes = nodes;
    this.x = at.x;
    this.addresses = at.addresses;
    this.width = width(canvas, nodes);
  }

  /**
   * Where a machine is drawn.
   *
   * @param x its left edge
   * @param addresses takes those that are worth writing
   */
  record At(int x, List<Address> addresses) {}

  int width() {
    return width;
  }

  /** How wide a machine's boxes are. */
  private static int width(Canvas canvas, List<Node> nodes) {
    Metrics metrics = canvas.metrics;
    int[] needed = {metrics.minPanel(), metrics.maxPanel()};
    measure(canvas, nodes, needed);
    return Math.min(needed[0], needed[1]);
  }

  /** Finds how wide they want to be, and at most are. */
  private static void measure(Canvas canvas, List<Node> nodes, int[] needed) {
    Metrics metrics = canvas.metrics;
    for (Node node : nodes) {
      int insets = node.depth * (metrics.inset() + metrics.insetRight());
      int texts = canvas.width(node.label() + "  " + SizeText.of(node.area.range()));
      needed[0] = Math.max(needed[0], insets + 2 * metrics.pad() + texts);
      if (metrics.maxPanel() > metrics.minPanel()) {
        needed[1] = Math.max(needed[1], metrics.maxPanel() + insets);
      }
      measure(canvas, node.children, needed);
    }
  }

  /**
   * Draws it, and the names that have no room at its right.
   *
   * @param end where the machine's addresses end, if that is drawn
   * @return its right edge
   */
  int draw(MachineMap.@Nullable AddressEnd end) {
    long next = scale.segment(0).start();
    boolean isOver = false;
    for (Node node : nodes) {
      if (Long.compareUnsigned(next, node.range.start()) < 0) {
        hole(new PhysRange(next, node.range.start() - 1));
      }
      draw(node, -1);
      next = node.range.endInclusive() + 1;
      isOver = next == 0;
    }
    long last = scale.segment(scale.segments() - 1).endInclusive();
    MachineMap.AddressEnd drawn = end != null && isEnd(end.last(), next, isOver, last) ? end : null;
    if (drawn != null) {
      last = drawn.last();
    }
    if (!isOver && Long.compareUnsigned(next, last) <= 0) {
      hole(new PhysRange(next, last));
    }
    int right = lead();
    if (drawn != null) {
      end(drawn);
    }
    return right;
  }

  /**
   * Whether addresses end on the scale, and not before the last resource.
   *
   * @param next the address after that
   * @param isOver whether it lies beyond all addresses
   */
  private static boolean isEnd(long end, long next, boolean isOver, long last) {
    boolean isBehind = isOver ? end == -1 : end == next - 1 || Long.compareUnsigned(next, end) <= 0;
    return isBehind && Long.compareUnsigned(end, last) <= 0;
  }

  private void draw(Node node, int parent) {
    int from = scale.segmentOf(node.range.start());
    int to = scale.segmentOf(node.range.endInclusive());
    int left = x + node.depth * metrics.inset();
    int right = x + width - node.depth * metrics.insetRight();
    int top = scale.top(from) - node.headers() * metrics.row();
    int bottom = scale.bottom(to) + node.footers() * metrics.footer();
    Rect rect = new Rect(left, top, right - left, bottom - top);
    String size = SizeText.of(node.area.range());
    boolean isGroup = node.area.kind() == Kind.GROUP;
    int box =
        canvas.box(
            "%s-%x-%d".formatted(prefix, node.range.start(), node.depth),
            Box.Role.RESOURCE,
            node.area.kind(),
            rect,
            node.area.range(),
            node.area.name(),
            "%s, %s, %s%s"
                .formatted(
                    node.label(),
                    node.area.range(),
                    size,
                    isGroup ? "" : ": " + node.area.kind().words()),
            parent,
            new Box.Marks(false, node.area.onlyHere(), true));
    name(node.label(), size, rect, box);
    addresses.add(new PanelLayout.Address(top, node.range.start()));
    node.children.forEach(child -> draw(child, box));
  }

  /** Writes a name into its box, and the size if there is room for both. */
  private void name(String name, String size, Rect rect, int box) {
    int room = rect.width() - 2 * metrics.pad();
    int y = rect.y() + (metrics.row() - metrics.line()) / 2;
    if (canvas.width(name) > room && metrics.areCells()) {
      canvas.text(rect.x() + metrics.pad(), y, cut(name, room), Label.Style.NAME, box);
      return;
    }
    if (canvas.width(name) > room) {
      led.add(new Led(box, rect.right(), y, name + "  " + size));
      return;
    }
    canvas.text(rect.x() + metrics.pad(), y, name, Label.Style.NAME, box);
    if (canvas.width(name + " " + size) <= room) {
      int left = rect.right() - metrics.pad() - canvas.width(size);
      canvas.text(left, y, size, Label.Style.SIZE, box);
    }
  }

  /** The beginning of a name, and a sign that it is cut. */
  private static String cut(String name, int columns) {
    return columns < 2 ? "" : Canvas.fitting(name, columns - 1) + "…";
  }

  private void hole(PhysRange range) {
    int top = scale.outerTop(range);
    Rect rect = new Rect(x, top, width, scale.outerBottom(range) - top);
    String size = SizeText.of(range);
    int box =
        canvas.box(
            "%s-hole-%x".formatted(prefix, range.start()),
            Box.Role.HOLE,
            Kind.HOLE,
            rect,
            range,
            "",
            "hole, %s, %s: no resource lies there".formatted(range, size),
            -1,
            Box.Marks.NONE);
    String text = "hole " + size;
    int left = metrics.areCells() ? x + metrics.pad() : x + (width - canvas.width(text)) / 2;
    canvas.text(left, top + (rect.height() - metrics.line()) / 2, text, Label.Style.TEXT, box);
    addresses.add(new PanelLayout.Address(top, range.start()));
  }

  /** Writes the names that have no room, pushed apart, and a line to each; returns the right. */
  private int lead() {
    int right = x + width;
    int edge = right + metrics.space() / 2;
    int left = right + 2 * metrics.space();
    int free = Integer.MIN_VALUE;
    for (Led each : led) {
      int y = Math.max(each.y, free);
      free = y + metrics.line();
      int from = each.y + metrics.line() / 2;
      int to = y + metrics.line() / 2;
      int at = 0;
      List<String> lines = Canvas.wrap(each.text, metrics.maxPanel() / metrics.charWidth());
      for (String line : lines) {
        List<Label.Point> leader =
            List.of(
                new Label.Point(each.x, from),
                new Label.Point(edge, from),
                new Label.Point(left - metrics.space() / 2, to));
        Rect rect =
            canvas.text(
                left,
                y + at * metrics.line(),
                line,
                Label.Style.NAME,
                each.box,
                at == 0 ? leader : List.of());
        right = Math.max(right, rect.right());
        at++;
      }
      free = y + lines.size() * metrics.line();
    }
    return right;
  }

  private void end(MachineMap.AddressEnd end) {
    int y = scale.outerBottom(new PhysRange(end.last(), end.last()));
    canvas.line(x, y, x + width, y, end.assumed() ? Line.Role.END_ASSUMED : Line.Role.END);
    String text = "addresses end at 0x%x%s".formatted(end.last(), end.assumed() ? ", assumed" : "");
    canvas.text(x, y + metrics.footer(), text, Label.Style.TEXT, -1);
    canvas.hasAssumed |= end.assumed();
  }
}
