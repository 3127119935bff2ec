// SPDX-License-Identifier: Apache-2.0
package dev.memremap.drawing.model;

import dev.memremap.resource.PhysRange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Finds the scale of a picture: a segment between each two bounds of what is drawn, as high as what
 * lies there needs, and between the segments room for the names of resources that hold others.
 */
final class ScaleBuilder {
  private static final int SMALLEST_BITS = 12;
  private static final int SIXTEENTHS = 16;

  private final Metrics metrics;
  private final List<List<Node>> panels;
  private final long[] starts;
  private final long last;

  /** What lies in a segment, the higher number wins. */
  private final byte[] contents;

  /** Nothing lies in a segment with 0, a gap between resources in one with this. */
  private static final byte GAP = 1;

  private static final byte LEAF = 2;

  private final int[] heights;
  private final int[] headers;
  private final int[] footers;

  /**
   * Gathers the bounds.
   *
   * @param panels the boxes of each machine
   * @param others what else is drawn at its addresses; not empty where nothing has a box
   */
  ScaleBuilder(Metrics metrics, List<List<Node>> panels, List<PhysRange> others) {
    this.metrics = metrics;
    this.panels = panels;
    List<PhysRange> all = new ArrayList<>(others);
    panels.forEach(nodes -> addRanges(nodes, all));
    long end = all.getFirst().endInclusive();
    for (PhysRange range : all) {
      end = Long.compareUnsigned(range.endInclusive(), end) > 0 ? range.endInclusive() : end;
    }
    this.last = end;
    this.starts = starts(all, end);
    this.contents = new byte[starts.length];
    this.heights = new int[starts.length];
    this.headers = new int[starts.length];
    this.footers = new int[starts.length + 1];
  }

  private static void addRanges(List<Node> nodes, List<PhysRange> all) {
    for (Node node : nodes) {
      all.add(node.range);
      addRanges(node.children, all);
    }
  }

  private static long[] starts(List<PhysRange> all, long last) {
    long[] bounds = new long[2 * all.size()];
    int count = 0;
    for (PhysRange range : all) {
      bounds[count++] = range.start() ^ Long.MIN_VALUE;
      if (range.endInclusive() != last) {
        bounds[count++] = (range.endInclusive() + 1) ^ Long.MIN_VALUE;
      }
    }
    Arrays.sort(bounds, 0, count);
    int distinct = 0;
    for (int i = 0; i < count; i++) {
      if (i == 0 || bounds[i] != bounds[i - 1]) {
        bounds[distinct++] = bounds[i];
      }
    }
    long[] starts = Arrays.copyOf(bounds, distinct);
    for (int i = 0; i < distinct; i++) {
      starts[i] ^= Long.MIN_VALUE;
    }
    return starts;
  }

  private PhysRange segment(int i) {
    return new PhysRange(starts[i], i + 1 < starts.length ? starts[i + 1] - 1 : last);
  }

  /**
   * The scale.
   *
   * @param top where it begins
   * @param overlays what needs at least so much room
   */
  Scale build(int top, List<LaneLayout.Wanted> overlays) {
    panels.forEach(this::look);
    for (int i = 0; i < starts.length; i++) {
      heights[i] =
          switch (contents[i]) {
            case LEAF -> metrics.row() + growth(segment(i));
            case GAP -> metrics.gap();
            default -> metrics.hole();
          };
    }
    List<LaneLayout.Wanted> wanted = new ArrayList<>(overlays);
    if (panels.size() > 1) {
      // a hole of one machine is a gap of the other
      panels.forEach(nodes -> addHoles(nodes, wanted));
    }
    makeRoom(wanted);
    int[] tops = new int[starts.length];
    int[] bottoms = new int[starts.length];
    int[] outerTops = new int[starts.length + 1];
    int y = top;
    for (int i = 0; i < starts.length; i++) {
      y += footers[i] * metrics.footer();
      outerTops[i] = y;
      y += headers[i] * metrics.row();
      tops[i] = y;
      y += heights[i];
      bottoms[i] = y;
    }
    outerTops[starts.length] = y + footers[starts.length] * metrics.footer();
    return new Scale(starts, last, tops, bottoms, outerTops);
  }

  /** The room that the holes of a machine need. */
  private void addHoles(List<Node> nodes, List<LaneLayout.Wanted> wanted) {
    long next = starts[0];
    boolean isOver = false;
    for (Node node : nodes) {
      if (Long.compareUnsigned(next, node.range.start()) < 0) {
        PhysRange hole = new PhysRange(next, node.range.start() - 1);
        wanted.add(new LaneLayout.Wanted(hole, metrics.hole()));
      }
      next = node.range.endInclusive() + 1;
      isOver = next == 0;
    }
    if (!isOver && Long.compareUnsigned(next, last) <= 0) {
      wanted.add(new LaneLayout.Wanted(new PhysRange(next, last), metrics.hole()));
    }
  }

  /** Notes what lies where, and which boxes begin and end with others. */
  private void look(List<Node> nodes) {
    for (Node node : nodes) {
      int from = Scale.segmentOf(starts, node.range.start());
      int to = Scale.segmentOf(starts, node.range.endInclusive());
      byte what = node.isLeaf() ? LEAF : GAP;
      // a parent marks what its children leave; each child marks its own again
      if (node.isLeaf() || node.depth == 0) {
        for (int i = from; i <= to; i++) {
          contents[i] = (byte) Math.max(contents[i], what);
        }
      }
      headers[from] = Math.max(headers[from], node.headers());
      footers[to + 1] = Math.max(footers[to + 1], node.footers());
      look(node.children);
    }
  }

  /** Larger things are higher, but a doubling adds only a little. */
  private int growth(PhysRange range) {
    long size = range.sizeBytes();
    int bits = size == 0 ? Long.SIZE : Long.SIZE - 1 - Long.numberOfLeadingZeros(size);
    return Math.max(0, bits - SMALLEST_BITS) * metrics.growth() / SIXTEENTHS;
  }

  /** Makes segments higher where something that is drawn beside them needs more. */
  private void makeRoom(List<LaneLayout.Wanted> overlays) {
    if (overlays.isEmpty()) {
      return;
    }
    Sums sums = new Sums(starts.length);
    for (int i = 0; i < starts.length; i++) {
      sums.add(i, heights[i] + footers[i] * metrics.footer() + headers[i] * metrics.row());
    }
    for (LaneLayout.Wanted wanted : overlays) {
      int from = Scale.segmentOf(starts, wanted.range().start());
      int to = Scale.segmentOf(starts, wanted.range().endInclusive());
      // what ends before the first segment lies outside
      int before = footers[from] * metrics.footer();
      int missing = wanted.height() - (sums.upTo(to) - sums.upTo(from - 1) - before);
      if (missing > 0) {
        heights[to] += missing;
        sums.add(to, missing);
      }
    }
  }

  /** Sums of neighbouring numbers, each of which may change: a Fenwick tree. */
  private static final class Sums {
    private final int[] tree;

    Sums(int size) {
      this.tree = new int[size + 1];
    }

    void add(int index, int number) {
      for (int i = index + 1; i < tree.length; i += i & -i) {
        tree[i] += number;
      }
    }

    /** The sum of all up to this one; 0 for -1. */
    int upTo(int index) {
      int sum = 0;
      for (int i = index + 1; i > 0; i -= i & -i) {
        sum += tree[i];
      }
      return sum;
    }
  }
}
