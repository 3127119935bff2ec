// SPDX-License-Identifier: Apache-2.0
package dev.memremap.drawing.model;

import java.util.ArrayList;
import java.util.List;

/** Draws what stands below the map: time lines of teardowns, assumptions, and the legend. */
final class FooterLayout {
  private static final int EVENT_COLUMNS = 24;

  /** How far the further lines of a sentence are moved to the right. */
  private static final int HANGING = 2;

  private final Canvas canvas;
  private final Metrics metrics;
  private final int left;
  private final int right;

  /** Draws between these edges. */
  FooterLayout(Canvas canvas, int left, int right) {
    this.canvas = canvas;
    this.metrics = canvas.metrics;
    this.left = left;
    this.right = right;
  }

  /** Draws time lines, and returns where they end. */
  int timelines(List<Timeline> timelines, int top) {
    int y = top;
    int number = 0;
    for (Timeline timeline : timelines) {
      y = timeline(timeline, "timeline-" + ++number, y + metrics.space());
    }
    return y;
  }

  private int timeline(Timeline timeline, String id, int top) {
    int y = top;
    for (String line : wrapped(timeline.title())) {
      y = canvas.text(left, y, line, Label.Style.HEADING, -1).bottom();
    }
    y += metrics.padY();
    int x = left;
    int bottom = y;
    int number = 0;
    for (Timeline.Event event : timeline.events()) {
      List<String> lines = new ArrayList<>(Canvas.wrap(event.title(), EVENT_COLUMNS));
      int titles = lines.size();
      event.lines().forEach(line -> lines.addAll(Canvas.wrap(line, EVENT_COLUMNS)));
      int width = lines.stream().mapToInt(canvas::width).max().orElse(0) + 2 * metrics.pad();
      if (x > left && x + width > right) {
        x = left;
        y = bottom + metrics.space();
      }
      Rect rect = new Rect(x, y, width, lines.size() * metrics.line() + 2 * metrics.padY());
      if (x > left) {
        int middle = y + metrics.padY() + metrics.line() / 2;
        canvas.line(x - 2 * metrics.space(), middle, x, middle, Line.Role.NEXT);
      }
      int box =
          canvas.box(
              "%s-%d".formatted(id, ++number),
              Box.Role.EVENT,
              event.isAhead() ? Kind.EVENT_AHEAD : Kind.EVENT,
              rect,
              null,
              event.title(),
              event.title() + ": " + String.join("; ", event.lines()),
              -1,
              new Box.Marks(false, false, true));
      for (int i = 0; i < lines.size(); i++) {
        canvas.text(
            x + metrics.pad(),
            y + metrics.padY() + i * metrics.line(),
            lines.get(i),
            i < titles ? Label.Style.NAME : Label.Style.TEXT,
            box);
      }
      bottom = Math.max(bottom, rect.bottom());
      x = rect.right() + 2 * metrics.space();
    }
    return bottom;
  }

  /** Draws a sample of each kind that the picture has. */
  void legend(int top) {
    List<Entry> entries = new ArrayList<>();
    for (Kind kind : canvas.kinds) {
      entries.add(new Entry(kind, kind.words(), Box.Marks.NONE));
    }
    if (canvas.hasAssumed) {
      entries.add(
          new Entry(Kind.UNKNOWN, "assumed: a dashed edge", new Box.Marks(true, false, false)));
    }
    if (canvas.hasOnlyHere) {
      entries.add(
          new Entry(Kind.UNKNOWN, "only this machine has it", new Box.Marks(false, true, false)));
    }
    int swatch = 2 * metrics.line();
    int width =
        entries.stream().mapToInt(entry -> canvas.width(entry.words)).max().orElse(0)
            + swatch
            + metrics.pad()
            + 2 * metrics.space();
    int columns = Math.clamp((right - left) / width, 1, 4);
    int rows = (entries.size() + columns - 1) / columns;
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      int x = left + i / rows * width;
      int y = top + metrics.space() + i % rows * metrics.row();
      canvas.box(
          "legend-" + (entry.marks.equals(Box.Marks.NONE) ? entry.kind.id() : "mark"),
          Box.Role.SWATCH,
          entry.kind,
          new Rect(x, y, swatch, metrics.line()),
          null,
          "",
          entry.words,
          -1,
          entry.marks);
      canvas.text(x + swatch + metrics.pad(), y, entry.words, Label.Style.TEXT, -1);
    }
  }

  private record Entry(Kind kind, String words, Box.Marks marks) {}

  /** Writes what is assumed, and returns where it ends. */
  int assumptions(List<String> assumptions, int top) {
    if (assumptions.isEmpty()) {
      return top;
    }
    int y = canvas.text(left, top + metrics.space(), "Assumed", Label.Style.HEADING, -1).bottom();
    for (String assumption : assumptions) {
      int indent = 0;
      for (String line : Canvas.wrap(assumption, columns() - HANGING)) {
        y = canvas.text(left + indent, y, line, Label.Style.TEXT, -1).bottom();
        indent = HANGING * metrics.charWidth();
      }
    }
    return y;
  }

  private List<String> wrapped(String text) {
    return Canvas.wrap(text, columns());
  }

  /** How many letters a line has room for. */
  private int columns() {
    return Math.max(EVENT_COLUMNS, (right - left) / metrics.charWidth());
  }
}
