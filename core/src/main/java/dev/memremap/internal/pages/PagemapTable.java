// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.page.DevPagemap;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which page map covers a page: the kernel's {@code pgmap_array}.
 *
 * <p>A radix tree over subsections of 2 MiB, which every page map is made of, three levels deep. A
 * node whose whole span belongs to one map is that map itself, so a map of a terabyte is eight
 * entries.
 *
 * <pre>
 *   a page's address   45       37 36       29 28     21 20              0
 *   on x86-64          | root: 512 | middle: 256 | leaf: 256 | in the subsection |
 * </pre>
 *
 * <p>Thread safety: published nodes never change, except in {@link #erase} when the heap is full.
 * Writers are serialized by their caller ({@link Pagemaps}), copy the nodes on the way down and
 * publish a new root by one volatile write; readers read the root once and walk what they got,
 * without a lock, an allocation or a write. The garbage collector takes the place of the kernel's
 * grace period.
 */
public final class PagemapTable {
  /** Log2 of the entries of a node below the root. */
  private static final int NODE_BITS = 8;

  private static final int NODE_SIZE = 1 << NODE_BITS;

  /** Log2 of the subsections that an entry of the root spans. */
  private static final int ROOT_SHIFT = 2 * NODE_BITS;

  /** Log2 of the pages of a subsection, which is what an entry of a leaf spans. */
  private final int order;

  private final int bits;
  private volatile @Nullable Object[] root;

  PagemapTable(PageGeometry geometry) {
    this.order = geometry.subsectionOrder();
    this.bits = geometry.subsectionBits();
    this.root = new @Nullable Object[1 << Math.max(0, bits - ROOT_SHIFT)];
  }

  /**
   * The map that a page belongs to, without a reference to it: it may drain, or be gone when it is
   * looked at. This is for tools; others use {@code getDevPagemap}.
   *
   * @param pfn the page frame number; all 64 bits count (D-12)
   * @return null if no map has this page
   */
  public @Nullable DevPagemap find(long pfn) {
    PagemapLife life = lifeAt(pfn);
    return life == null ? null : life.map();
  }

  /** The maps in the table, in the order of their first pages; draining ones included. */
  public List<DevPagemap> maps() {
    return lives().stream().map(PagemapLife::map).toList();
  }

  /** The lives in the table, in the order of their first pages; draining ones included. */
  public List<PagemapLife> lives() {
    return overlapping(0, -1L >>> 1).stream()
        .sorted(Comparator.comparingLong(PagemapLife::firstPfn))
        .toList();
  }

  /** How many maps are in the table; draining ones included. */
  public int size() {
    return lives().size();
  }

  @Nullable PagemapLife lifeAt(long pfn) {
    @Nullable Object[] top = root;
    long subsection = pfn >>> order;
    long index = subsection >>> ROOT_SHIFT;
    if (index >= top.length) {
      return null;
    }
    Object entry = top[(int) index];
    if (entry instanceof Object[] middle) {
      entry = middle[(int) (subsection >>> NODE_BITS) & (NODE_SIZE - 1)];
      if (entry instanceof Object[] leaf) {
        entry = leaf[(int) subsection & (NODE_SIZE - 1)];
      }
    }
    return (PagemapLife) entry;
  }

  /** The lives that share a subsection with these pages, in ascending order. */
  Set<PagemapLife> overlapping(long firstPfn, long lastPfn) {
    Set<PagemapLife> found = new LinkedHashSet<>();
    long first = firstPfn >>> order;
    if (first >>> bits == 0) {
      long last = Math.min(lastPfn >>> order, (1L << bits) - 1);
      collect(root, ROOT_SHIFT, 0, first, last, found);
    }
    return found;
  }

  private static void collect(
      @Nullable Object[] node,
      int shift,
      long base,
      long first,
      long last,
      Set<PagemapLife> found) {
    int from = (int) Math.max(0, (first - base) >> shift);
    int to = (int) Math.min(node.length - 1, (last - base) >> shift);
    for (int i = from; i <= to; i++) {
      Object entry = node[i];
      if (entry instanceof Object[] below) {
        collect(below, shift - NODE_BITS, base + ((long) i << shift), first, last, found);
      } else if (entry instanceof PagemapLife life) {
        found.add(life);
      }
    }
  }

  /**
   * The root of a table that has this life, too; nothing is where its ranges are. Called under the
   * writers' lock. Making it needs room in the heap, publishing it does not.
   */
  @Nullable Object[] with(PagemapLife life) {
    return setting(life, life);
  }

  /** Shows a root to all; called under the same hold of the writers' lock as {@link #with}. */
  void publish(@Nullable Object[] next) {
    root = next;
  }

  /**
   * Takes a life out, all ranges at once. Called under the writers' lock. Without room in the heap
   * for new nodes the life is taken out of those that are there, range by range: it is over, so a
   * lookup that still finds one of its ranges has no reference from it either.
   */
  void erase(PagemapLife life) {
    try {
      root = setting(life, null);
    } catch (OutOfMemoryError e) {
      @Nullable Object[] same = root;
      clear(same, life);
      root = same;
    }
  }

  /** The root of a table in which a life's subsections have another value. */
  private @Nullable Object[] setting(PagemapLife life, @Nullable PagemapLife value) {
    @Nullable Object[] next = root;
    for (LiveRange range : life.ranges()) {
      next =
          copySetting(
              next, ROOT_SHIFT, 0, range.firstPfn() >>> order, range.lastPfn() >>> order, value);
    }
    return next;
  }

  /** Takes a life out of a node and all below it, in place. Empty nodes stay. */
  private static void clear(@Nullable Object[] node, PagemapLife life) {
    for (int i = 0; i < node.length; i++) {
      Object entry = node[i];
      if (entry == life) {
        node[i] = null;
      } else if (entry instanceof Object[] below) {
        clear(below, life);
      }
    }
  }

  /**
   * A copy of a node in which subsections have another value.
   *
   * @param shift log2 of the subsections that one entry spans
   * @param base the node's first subsection
   */
  private static @Nullable Object[] copySetting(
      @Nullable Object[] node,
      int shift,
      long base,
      long first,
      long last,
      @Nullable PagemapLife value) {
    @Nullable Object[] copy = node.clone();
    int from = (int) Math.max(0, (first - base) >> shift);
    int to = (int) Math.min(node.length - 1, (last - base) >> shift);
    for (int i = from; i <= to; i++) {
      long start = base + ((long) i << shift);
      long end = start + (1L << shift) - 1;
      if (first <= start && end <= last) {
        copy[i] = value;
      } else {
        copy[i] =
            emptied(copySetting(below(copy[i]), shift - NODE_BITS, start, first, last, value));
      }
    }
    return copy;
  }

  /** The node under an entry; one that a single life fills is spread out. */
  private static @Nullable Object[] below(@Nullable Object entry) {
    if (entry instanceof Object[] node) {
      return node;
    }
    @Nullable Object[] spread = new @Nullable Object[NODE_SIZE];
    java.util.Arrays.fill(spread, entry);
    return spread;
  }

  private static @Nullable Object emptied(@Nullable Object[] node) {
    for (Object entry : node) {
      if (entry != null) {
        return node;
      }
    }
    return null;
  }
}
