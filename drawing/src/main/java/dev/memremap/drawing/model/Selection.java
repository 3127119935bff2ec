// SPDX-License-Identifier: Apache-2.0
package dev.memremap.drawing.model;

import dev.memremap.resource.PhysRange;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Chooses which resources of a machine get a box of their own: the largest that the view has room
 * for. Each run of neighbours that get none is one box, so that there are at most about three times
 * as many boxes as chosen resources.
 */
final class Selection {
  /** How deep resources are drawn inside others; what lies deeper is drawn as one. */
  static final int MAX_DEPTH = 24;

  private static final int BOXES_A_RESOURCE = 3;

  private final @Nullable PhysRange window;
  private final @Nullable Set<Area> chosen;

  private Selection(@Nullable PhysRange window, @Nullable Set<Area> chosen) {
    this.window = window;
    this.chosen = chosen;
  }

  /** The boxes of a machine, as trees. */
  static List<Node> of(List<Area> areas, View view) {
    return new Selection(view.window(), chosen(areas, view)).nodes(areas, 0);
  }

  /** A resource, and how deep it lies in others. */
  private record At(Area area, int depth) {}

  /** The largest resources, those around others first; null if all have room. */
  private static @Nullable Set<Area> chosen(List<Area> areas, View view) {
    List<At> all = new ArrayList<>();
    Deque<At> open = new ArrayDeque<>();
    areas.forEach(area -> open.add(new At(area, 0)));
    while (!open.isEmpty()) {
      At at = open.remove();
      if (isIn(view.window(), at.area) && at.depth <= MAX_DEPTH) {
        all.add(at);
        at.area.children().forEach(child -> open.add(new At(child, at.depth + 1)));
      }
    }
    if (all.size() <= view.maxBoxes()) {
      return null;
    }
    all.sort(
        Comparator.<At, Long>comparing(at -> lastOffset(at.area), Long::compareUnsigned)
            .reversed()
            .thenComparingInt(At::depth)
            .thenComparing(at -> at.area.range()));
    Set<Area> largest = Collections.newSetFromMap(new IdentityHashMap<>());
    int count = Math.max(1, view.maxBoxes() / BOXES_A_RESOURCE);
    all.subList(0, count).forEach(at -> largest.add(at.area));
    return largest;
  }

  /** The size less one, which fits into 64 bits. */
  private static long lastOffset(Area area) {
    return area.range().endInclusive() - area.range().start();
  }

  private static boolean isIn(@Nullable PhysRange window, Area area) {
    return window == null || window.overlaps(area.range());
  }

  private boolean isChosen(Area area) {
    return chosen == null || chosen.contains(area);
  }

  private List<Node> nodes(List<Area> areas, int depth) {
    List<Node> nodes = new ArrayList<>();
    List<Area> run = new ArrayList<>();
    for (Area area : areas) {
      if (!isIn(window, area)) {
        continue;
      }
      if (!isChosen(area)) {
        run.add(area);
        continue;
      }
      addRun(run, depth, nodes);
      nodes.add(node(area, depth));
    }
    addRun(run, depth, nodes);
    return nodes;
  }

  private Node node(Area area, int depth) {
    boolean isDeepest = depth == MAX_DEPTH;
    Node node = new Node(area, cut(area.range()), isDeepest ? count(area) - 1 : 0, depth);
    if (!isDeepest) {
      node.children.addAll(nodes(area.children(), depth + 1));
    }
    return node;
  }

  /** One box for neighbours that are not chosen; the neighbours are forgotten. */
  private void addRun(List<Area> run, int depth, List<Node> nodes) {
    if (run.isEmpty()) {
      return;
    }
    int all = run.stream().mapToInt(Selection::count).sum();
    Area first = run.getFirst();
    if (run.size() == 1) {
      nodes.add(new Node(first, cut(first.range()), all - 1, depth));
    } else {
      PhysRange range = new PhysRange(first.range().start(), run.getLast().range().endInclusive());
      boolean onlyHere = run.stream().allMatch(Area::onlyHere);
      Area group = new Area(range, all + " more", Kind.GROUP, onlyHere, List.of());
      nodes.add(new Node(group, cut(range), all, depth));
    }
    run.clear();
  }

  private PhysRange cut(PhysRange range) {
    return window == null ? range : range.intersection(window).orElseThrow();
  }

  private static int count(Area area) {
    int count = 0;
    Deque<Area> open = new ArrayDeque<>(List.of(area));
    while (!open.isEmpty()) {
      count++;
      open.addAll(open.remove().children());
    }
    return count;
  }
}
