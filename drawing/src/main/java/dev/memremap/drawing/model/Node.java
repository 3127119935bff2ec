// SPDX-License-Identifier: Apache-2.0
package dev.memremap.drawing.model;

import dev.memremap.resource.PhysRange;
import java.util.ArrayList;
import java.util.List;

/** A resource that gets a box, cut to the window; with those inside it that get one, too. */
final class Node {
  final Area area;

  /** What of it is drawn. */
  final PhysRange range;

  /** How many resources are drawn as this one box in addition. */
  final int more;

  final int depth;
  final List<Node> children = new ArrayList<>();

  /** How many names of boxes, this one's first, are written one below the other at its start. */
  private int headers = -1;

  private int footers = -1;

  Node(Area area, PhysRange range, int more, int depth) {
    this.area = area;
    this.range = range;
    this.more = more;
    this.depth = depth;
  }

  boolean isLeaf() {
    return children.isEmpty();
  }

  /** What is written in it. */
  String label() {
    return more == 0 || area.kind() == Kind.GROUP
        ? area.name()
        : "%s (and %d inside)".formatted(area.name(), more);
  }

  /** How many boxes that hold others begin where it does, itself and those in it. */
  int headers() {
    if (headers < 0) {
      Node first = isLeaf() ? null : children.getFirst();
      headers =
          first == null ? 0 : 1 + (first.range.start() == range.start() ? first.headers() : 0);
    }
    return headers;
  }

  /** How many boxes that hold others end where it does, itself and those in it. */
  int footers() {
    if (footers < 0) {
      Node last = isLeaf() ? null : children.getLast();
      footers =
          last == null
              ? 0
              : 1 + (last.range.endInclusive() == range.endInclusive() ? last.footers() : 0);
    }
    return footers;
  }
}
