// SPDX-License-Identifier: Apache-2.0
package dev.memremap.drawing.model;

import dev.memremap.resource.PhysRange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A picture of a machine: boxes, labels and lines, each at its place. Boxes of resources are inside
 * those of the resources around them; names are in their boxes, or a line leads to them. Making one
 * takes time in proportion to n log n, for n resources.
 *
 * <p>Thread safety: immutable.
 *
 * @param width how wide it is
 * @param height how high
 * @param title its title
 * @param scale which address is drawn where
 * @param boxes those around others come before these
 * @param labels its texts
 * @param lines its lines
 */
public record AddressMap(
    int width,
    int height,
    String title,
    Scale scale,
    List<Box> boxes,
    List<Label> labels,
    List<Line> lines) {
  private static final int LEAST_COLUMNS = 72;

  /** Keeps copies. */
  public AddressMap {
    boxes = List.copyOf(boxes);
    labels = List.copyOf(labels);
    lines = List.copyOf(lines);
  }

  /** Draws a scene. */
  public static AddressMap of(Scene scene, View view, Metrics metrics) {
    Canvas canvas = new Canvas(metrics);
    List<List<Node>> panels = new ArrayList<>();
    for (MachineMap machine : scene.machines()) {
      panels.add(Selection.of(machine.areas(), view));
    }
    LaneLayout lanes = new LaneLayout(canvas, scene.overlays(), view);
    int margin = metrics.space();
    int y = headings(scene, canvas, margin);
    boolean isNamed = scene.machines().stream().anyMatch(each -> !each.name().isEmpty());
    int names = y;
    y += isNamed ? metrics.row() : 0;
    List<PhysRange> others = lanes.ranges();
    List<PhysRange> ends = ends(scene, view, panels, others);
    others.addAll(ends);
    List<LaneLayout.Wanted> wanted = lanes.wanted();
    ends.forEach(end -> wanted.add(new LaneLayout.Wanted(end, metrics.hole())));
    Scale scale = new ScaleBuilder(metrics, panels, others).build(y, wanted);

    List<PanelLayout.Address> addresses = new ArrayList<>();
    int last = scale.segments() - 1;
    int x = margin + canvas.width(text(scale.segment(last).start())) + metrics.pad();
    int panelLeft = x;
    int panelRight = x;
    int right = x;
    for (int i = 0; i < panels.size(); i++) {
      MachineMap machine = scene.machines().get(i);
      int left = i == 0 ? x : right + 2 * metrics.space();
      PanelLayout panel =
          new PanelLayout(
              canvas,
              scale,
              Character.toString('a' + i),
              panels.get(i),
              new PanelLayout.At(left, addresses));
      panelLeft = left;
      panelRight = left + panel.width();
      if (!machine.name().isEmpty()) {
        int columns = panel.width() / metrics.charWidth();
        String name = Canvas.wrap(machine.name(), columns).getFirst();
        canvas.text(left, names, name, Label.Style.HEADING, -1);
      }
      right = panel.draw(view.window() == null ? machine.end() : null);
    }
    addresses(canvas, addresses, x - metrics.pad());
    lanes.draw(scale, panelLeft, panelRight, right + 2 * metrics.space());
    canvas.grow(0, scale.outerBottom(scale.segment(last)));

    int least = margin + LEAST_COLUMNS * metrics.charWidth();
    FooterLayout footer = new FooterLayout(canvas, margin, Math.max(canvas.right(), least));
    int below = footer.timelines(scene.timelines(), canvas.bottom());
    below = footer.assumptions(scene.assumptions(), Math.max(below, canvas.bottom()));
    footer.legend(below);
    return new AddressMap(
        canvas.right() + margin,
        canvas.bottom() + margin,
        scene.title(),
        scale,
        canvas.boxes,
        canvas.labels,
        canvas.lines);
  }

  /** Writes title and notes, and returns where they end. */
  private static int headings(Scene scene, Canvas canvas, int margin) {
    int columns = LEAST_COLUMNS * canvas.metrics.charWidth();
    int y = margin;
    for (String line : Canvas.wrap(scene.title(), columns / canvas.metrics.titleCharWidth())) {
      y = canvas.text(margin, y, line, Label.Style.TITLE, -1).bottom();
    }
    for (String note : scene.notes()) {
      for (String line : Canvas.wrap(note, columns / canvas.metrics.charWidth())) {
        y = canvas.text(margin, y, line, Label.Style.NOTE, -1).bottom();
      }
    }
    return y + canvas.metrics.padY();
  }

  /** What the scale reaches in addition: the window, or where addresses end. */
  private static List<PhysRange> ends(
      Scene scene, View view, List<List<Node>> panels, List<PhysRange> others) {
    PhysRange window = view.window();
    if (window != null) {
      return List.of(window);
    }
    List<PhysRange> ends = new ArrayList<>();
    for (int i = 0; i < panels.size(); i++) {
      MachineMap.AddressEnd end = scene.machines().get(i).end();
      List<Node> nodes = panels.get(i);
      long next = nodes.isEmpty() ? 0 : nodes.getLast().range.endInclusive() + 1;
      boolean isOver = next == 0 && !nodes.isEmpty();
      if (end != null && !isOver && Long.compareUnsigned(next, end.last()) <= 0) {
        ends.add(new PhysRange(next, end.last()));
      }
    }
    boolean isEmpty = others.isEmpty() && panels.stream().allMatch(List::isEmpty);
    if (ends.isEmpty() && isEmpty) {
      ends.add(new PhysRange(0, -1));
    }
    return ends;
  }

  private static String text(long address) {
    return "0x%08x".formatted(address);
  }

  /** Writes addresses at the left, as many as have room. */
  private static void addresses(Canvas canvas, List<PanelLayout.Address> addresses, int right) {
    addresses.sort(Comparator.comparingInt(PanelLayout.Address::y));
    Metrics metrics = canvas.metrics;
    int free = Integer.MIN_VALUE;
    long written = -1;
    for (PanelLayout.Address each : addresses) {
      if (each.y() < free || each.address() == written) {
        continue;
      }
      String text = text(each.address());
      canvas.text(
          right - canvas.width(text),
          each.y() + (metrics.row() - metrics.line()) / 2,
          text,
          Label.Style.ADDRESS,
          -1);
      free = each.y() + metrics.line();
      written = each.address();
    }
  }
}
