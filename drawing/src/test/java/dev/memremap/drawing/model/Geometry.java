// SPDX-License-Identifier: Apache-2.0
package dev.memremap.drawing.model;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What holds for each picture; a violation is a sentence. */
public final class Geometry {
  private static final int LEAST_HEIGHT = 3;

  private final AddressMap map;
  private final List<String> violations = new ArrayList<>();

  private Geometry(AddressMap map) {
    this.map = map;
  }

  /** The violations of a picture; in the cells of a terminal a box need not be 3 high. */
  public static List<String> violations(AddressMap map, boolean inPixels) {
    Geometry geometry = new Geometry(map);
    geometry.ids();
    geometry.boxes(inPixels ? LEAST_HEIGHT : 1);
    geometry.labels();
    geometry.names(!inPixels);
    geometry.view();
    return geometry.violations;
  }

  private void ids() {
    Set<String> seen = new HashSet<>();
    for (Box box : map.boxes()) {
      if (!seen.add(box.id())) {
        violations.add("two boxes have the id " + box.id());
      }
    }
  }

  /** No two overlap, but for one in the other; none is too low. */
  private void boxes(int leastHeight) {
    List<Box> boxes = map.boxes();
    for (int i = 0; i < boxes.size(); i++) {
      Box box = boxes.get(i);
      boolean isResource = box.role() == Box.Role.RESOURCE;
      if (isResource && box.rect().height() < leastHeight) {
        violations.add("%s is %d high".formatted(box.id(), box.rect().height()));
      }
      if (box.rect().width() < 1 || box.rect().height() < 1) {
        violations.add("%s cannot be seen: %s".formatted(box.id(), box.rect()));
      }
      if (box.parent() >= 0 && !boxes.get(box.parent()).rect().contains(box.rect())) {
        violations.add("%s is not inside %s".formatted(box.id(), boxes.get(box.parent()).id()));
      }
      for (int j = i + 1; j < boxes.size(); j++) {
        if (box.rect().overlaps(boxes.get(j).rect()) && !isAround(i, j)) {
          violations.add("%s overlaps %s".formatted(boxes.get(j).id(), box.id()));
        }
      }
    }
  }

  /** Whether a box is another one, or around it. */
  private boolean isAround(int outer, int inner) {
    int at = inner;
    while (at >= 0 && at != outer) {
      at = map.boxes().get(at).parent();
    }
    return at == outer;
  }

  /** Labels lie in their boxes, or a line leads to them; nothing covers them. */
  private void labels() {
    List<Label> labels = map.labels();
    for (int i = 0; i < labels.size(); i++) {
      Label label = labels.get(i);
      if (label.box() >= 0 && !isLed(label)) {
        Rect box = map.boxes().get(label.box()).rect();
        if (!box.contains(label.rect())) {
          violations.add("'%s' is not in its box, and no line leads to it".formatted(label.text()));
        }
      }
      for (int j = 0; j < map.boxes().size(); j++) {
        boolean isOver = label.rect().overlaps(map.boxes().get(j).rect());
        if (isOver && (label.box() < 0 || !isAround(j, label.box()))) {
          violations.add("'%s' lies on %s".formatted(label.text(), map.boxes().get(j).id()));
        }
      }
      for (int j = i + 1; j < labels.size(); j++) {
        if (label.rect().overlaps(labels.get(j).rect())) {
          violations.add("'%s' lies on '%s'".formatted(label.text(), labels.get(j).text()));
        }
      }
      leader(label);
    }
  }

  /** Whether a line leads to it, or to the line of text right above it. */
  private boolean isLed(Label label) {
    return map.labels().stream()
        .anyMatch(
            first ->
                first.box() == label.box()
                    && !first.leader().isEmpty()
                    && first.rect().x() == label.rect().x()
                    && first.rect().y() <= label.rect().y());
  }

  private void leader(Label label) {
    if (label.leader().isEmpty()) {
      return;
    }
    Rect box = map.boxes().get(label.box()).rect();
    Label.Point from = label.leader().getFirst();
    Label.Point to = label.leader().getLast();
    if (!box.contains(new Rect(from.x(), from.y(), 0, 0))) {
      violations.add("the line to '%s' does not begin at its box".formatted(label.text()));
    }
    boolean meets =
        to.x() <= label.rect().x() && label.rect().y() <= to.y() && to.y() <= label.rect().bottom();
    if (!meets) {
      violations.add("the line to '%s' does not end at it".formatted(label.text()));
    }
    for (int i = 1; i < label.leader().size(); i++) {
      Label.Point a = label.leader().get(i - 1);
      Label.Point b = label.leader().get(i);
      Rect across =
          new Rect(a.x(), Math.min(a.y(), b.y()), b.x() - a.x(), Math.abs(b.y() - a.y()) + 1);
      for (int j = 0; j < map.boxes().size(); j++) {
        if (across.overlaps(map.boxes().get(j).rect()) && !isAround(j, label.box())) {
          violations.add(
              "the line to '%s' crosses %s".formatted(label.text(), map.boxes().get(j).id()));
        }
      }
    }
  }

  /** Each name is written; in a terminal it may be cut. */
  private void names(boolean mayBeCut) {
    for (int i = 0; i < map.boxes().size(); i++) {
      Box box = map.boxes().get(i);
      StringBuilder written = new StringBuilder();
      for (Label label : map.labels()) {
        if (label.box() == i) {
          written.append(label.text());
        }
      }
      boolean isNamed = box.role() == Box.Role.RESOURCE || box.marks().hasLabel();
      String said = written.toString().replace(" ", "");
      boolean isCut = mayBeCut && (said.isEmpty() || said.endsWith("…"));
      if (isNamed && !isCut && (said.isEmpty() || !said.contains(box.name().replace(" ", "")))) {
        violations.add("the name '%s' of %s is not written".formatted(box.name(), box.id()));
      }
    }
  }

  private void view() {
    Rect all = new Rect(0, 0, map.width(), map.height());
    map.boxes().stream()
        .filter(box -> !all.contains(box.rect()))
        .forEach(box -> violations.add("%s is outside".formatted(box.id())));
    for (Label label : map.labels()) {
      if (!all.contains(label.rect())) {
        violations.add("'%s' is outside".formatted(label.text()));
      }
      for (Label.Point point : label.leader()) {
        if (!all.contains(new Rect(point.x(), point.y(), 0, 0))) {
          violations.add("the line to '%s' is outside".formatted(label.text()));
        }
      }
    }
    for (Line line : map.lines()) {
      if (!all.contains(new Rect(line.x1(), line.y1(), 0, 0))
          || !all.contains(new Rect(line.x2(), line.y2(), 0, 0))) {
        violations.add(line + " is outside");
      }
    }
  }
}
