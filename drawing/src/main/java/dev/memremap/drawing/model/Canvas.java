// SPDX-License-Identifier: Apache-2.0
package dev.memremap.drawing.model;

import dev.memremap.resource.PhysRange;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is drawn so far. */
final class Canvas {
  final Metrics metrics;
  final List<Box> boxes = new ArrayList<>();
  final List<Label> labels = new ArrayList<>();
  final List<Line> lines = new ArrayList<>();
  final Set<Kind> kinds = EnumSet.noneOf(Kind.class);
  boolean hasAssumed;
  boolean hasOnlyHere;

  private final Set<String> ids = new HashSet<>();
  private int right;
  private int bottom;

  Canvas(Metrics metrics) {
    this.metrics = metrics;
  }

  int width(String text) {
    return TextWidth.columns(text) * metrics.charWidth();
  }

  /** Draws a box, and returns its index. */
  int box(
      String id,
      Box.Role role,
      Kind kind,
      Rect rect,
      @Nullable PhysRange range,
      String name,
      String tip,
      int parent,
      Box.Marks marks) {
    boxes.add(new Box(unique(id), role, kind, rect, range, name, tip, parent, marks));
    grow(rect.right(), rect.bottom());
    hasAssumed |= marks.assumed();
    hasOnlyHere |= marks.onlyHere();
    kinds.add(kind);
    return boxes.size() - 1;
  }

  private String unique(String wanted) {
    StringBuilder kept = new StringBuilder();
    for (int i = 0; i < wanted.length(); i++) {
      char letter = wanted.charAt(i);
      boolean isPlain = letter < 0x80 && (Character.isLetterOrDigit(letter) || letter == '-');
      kept.append(isPlain ? letter : '_');
    }
    String id = kept.toString();
    for (int copy = 2; !ids.add(id); copy++) {
      id = kept + "-" + copy;
    }
    return id;
  }

  /** Writes a text, and returns where. */
  Rect text(int x, int y, String text, Label.Style style, int box) {
    return text(x, y, text, style, box, List.of());
  }

  /** Writes a text that a line leads to. */
  Rect text(int x, int y, String text, Label.Style style, int box, List<Label.Point> leader) {
    boolean isTitle = style == Label.Style.TITLE;
    int letter = isTitle ? metrics.titleCharWidth() : metrics.charWidth();
    int height = isTitle ? metrics.titleLine() : metrics.line();
    Rect rect = new Rect(x, y, TextWidth.columns(text) * letter, height);
    labels.add(new Label(rect, text, style, box, leader));
    grow(rect.right(), rect.bottom());
    return rect;
  }

  void line(int x1, int y1, int x2, int y2, Line.Role role) {
    lines.add(new Line(x1, y1, x2, y2, role));
    grow(Math.max(x1, x2), Math.max(y1, y2));
  }

  void grow(int toRight, int toBottom) {
    right = Math.max(right, toRight);
    bottom = Math.max(bottom, toBottom);
  }

  int right() {
    return right;
  }

  int bottom() {
    return bottom;
  }

  /** A text in lines of at most so many columns, broken at spaces where there are any. */
  static List<String> wrap(String text, int columns) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    int used = 0;
    for (String word : text.split(" ", -1)) {
      String rest = word;
      int width = TextWidth.columns(rest);
      if (used > 0 && used + 1 + width > columns) {
        lines.add(line.toString());
        line.setLength(0);
        used = 0;
      }
      while (TextWidth.columns(rest) > columns) {
        String first = fitting(rest, columns);
        lines.add(first);
        rest = rest.substring(first.length());
      }
      if (used > 0) {
        line.append(' ');
        used++;
      }
      line.append(rest);
      used += TextWidth.columns(rest);
    }
    if (!line.isEmpty() || lines.isEmpty()) {
      lines.add(line.toString());
    }
    return lines;
  }

  /** The beginning of a text that fits, at least one letter. */
  static String fitting(String text, int columns) {
    int end = text.offsetByCodePoints(0, 1);
    while (end < text.length()) {
      int next = text.offsetByCodePoints(end, 1);
      if (TextWidth.columns(text.substring(0, next)) > columns) {
        break;
      }
      end = next;
    }
    return text.substring(0, end);
  }
}
