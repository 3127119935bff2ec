// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.memtype;

import dev.memremap.cache.CacheMode;
import dev.memremap.cache.MemtypeEntry;
import dev.memremap.resource.PhysRange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The entries of ranges that are not System RAM: a multiset of ranges, each with a type.
 *
 * <p>Entries overlap freely, but two that overlap have one type, because a new one takes the type
 * of what it overlaps (MT-5). So each address has one type and a number of entries. Disjoint
 * segments of equal type and number are kept beside the multiset, and answer what a request meets:
 *
 * <pre>
 *   entries    |-------- WC --------|         |--- WB ---|
 *                     |--- WC ---|
 *   segments   |  1   |     2    | 1 |        |    1     |
 * </pre>
 *
 * <p>A lookup costs the logarithm of the number of segments, plus the segments that the range
 * overlaps; a huge entry over many small ones costs the same. Equal neighbouring segments are
 * joined, so there are at most twice as many segments as entries.
 *
 * <p>An addition or a removal that finds no room in the heap leaves the entries as they were. Equal
 * neighbours may stay unmerged until the next change there.
 *
 * <p>Thread safety: none; guarded by the lock of the {@link MemtypeTable} that owns it.
 */
final class MemtypeEntries {
  // compares primitive numbers: boxes would need room in the heap
  private static final Comparator<PhysRange> BY_END =
      (a, b) -> {
        int byEnd = Long.compareUnsigned(a.endInclusive(), b.endInclusive());
        return byEnd != 0 ? byEnd : Long.compareUnsigned(a.start(), b.start());
      };

  private final NavigableMap<PhysRange, Integer> counts = new TreeMap<>();
  private final NavigableSet<PhysRange> byEnd = new TreeSet<>(BY_END);
  private final NavigableMap<Long, Segment> segments = new TreeMap<>(Long::compareUnsigned);

  private record Segment(long endInclusive, CacheMode mode, int entries) {}

  /** A change of the segment that starts at an address; null if it is missing before or after. */
  private record Change(Long start, @Nullable Segment before, @Nullable Segment after) {}

  /** Segments that overlap the range, ascending, not clipped to it. */
  List<MemtypeEntry> overlapping(PhysRange range) {
    List<MemtypeEntry> found = new ArrayList<>();
    Map.Entry<Long, Segment> at = segments.floorEntry(range.start());
    if (at == null || Long.compareUnsigned(at.getValue().endInclusive, range.start()) < 0) {
      at = segments.higherEntry(range.start());
    }
    while (at != null && Long.compareUnsigned(at.getKey(), range.endInclusive()) <= 0) {
      Segment segment = at.getValue();
      found.add(new MemtypeEntry(new PhysRange(at.getKey(), segment.endInclusive), segment.mode));
      at = segments.higherEntry(at.getKey());
    }
    return found;
  }

  /** The type at an address; null if no entry is there. */
  @Nullable CacheMode typeAt(long address) {
    Map.Entry<Long, Segment> at = segments.floorEntry(address);
    return at != null && Long.compareUnsigned(at.getValue().endInclusive, address) >= 0
        ? at.getValue().mode
        : null;
  }

  void add(PhysRange range, CacheMode mode) {
    cutAround(range);
    List<Change> changes = new ArrayList<>();
    long next = range.start();
    while (true) {
      Segment segment = segments.get(next);
      long last;
      if (segment != null) {
        last = segment.endInclusive;
        changes.add(new Change(next, segment, new Segment(last, mode, segment.entries + 1)));
      } else {
        Long higher = segments.higherKey(next);
        last =
            higher == null || Long.compareUnsigned(higher, range.endInclusive()) > 0
                ? range.endInclusive()
                : higher - 1;
        changes.add(new Change(next, null, new Segment(last, mode, 1)));
      }
      if (last == range.endInclusive()) {
        break;
      }
      next = last + 1;
    }
    int made = 0;
    boolean added = false;
    try {
      while (made < changes.size()) {
        Change change = changes.get(made);
        segments.put(change.start, change.after);
        made++;
      }
      byEnd.add(range);
      counts.merge(range, 1, Integer::sum);
      added = true;
    } finally {
      if (!added) {
        undo(range, changes, made);
      }
    }
    join(range);
  }

  /** Takes back what an addition did that found no room in the heap; it needs none itself. */
  private void undo(PhysRange range, List<Change> changes, int made) {
    if (!counts.containsKey(range)) {
      byEnd.remove(range);
    }
    for (int i = 0; i < made; i++) {
      Change change = changes.get(i);
      set(change.start, change.before);
    }
  }

  /** Takes one entry with exactly this range out; false if no entry has it. */
  boolean remove(PhysRange range) {
    Integer count = counts.get(range);
    if (count == null) {
      return false;
    }
    cutAround(range);
    Integer fewer = count - 1;
    List<Change> changes = new ArrayList<>();
    segments
        .subMap(range.start(), true, range.endInclusive(), true)
        .forEach(
            (start, segment) ->
                changes.add(
                    new Change(
                        start,
                        segment,
                        segment.entries > 1
                            ? new Segment(segment.endInclusive, segment.mode, segment.entries - 1)
                            : null)));
    // from here on nothing needs room in the heap
    if (fewer == 0) {
      counts.remove(range);
      byEnd.remove(range);
    } else {
      counts.replace(range, fewer);
    }
    for (int i = 0; i < changes.size(); i++) {
      set(changes.get(i).start, changes.get(i).after);
    }
    join(range);
    return true;
  }

  /** Gives a segment that is there another value, or takes it out. */
  private void set(Long start, @Nullable Segment segment) {
    if (segment == null) {
      segments.remove(start);
    } else {
      segments.replace(start, segment);
    }
  }

  /** Takes a range off the end of a longer entry; false if none ends there. */
  boolean shorten(PhysRange range) {
    PhysRange longer = endingWith(range);
    if (longer == null) {
      return false;
    }
    CacheMode mode = typeAt(longer.start());
    remove(longer);
    if (mode != null) {
      add(new PhysRange(longer.start(), range.start() - 1), mode);
    }
    return true;
  }

  /** An entry that ends where a range does and starts before it; null if no entry does. */
  @Nullable PhysRange endingWith(PhysRange range) {
    PhysRange found = byEnd.ceiling(new PhysRange(0, range.endInclusive()));
    return found != null
            && found.endInclusive() == range.endInclusive()
            && Long.compareUnsigned(found.start(), range.start()) < 0
        ? found
        : null;
  }

  /** Every entry, duplicates included, in order of start. */
  List<MemtypeEntry> all() {
    List<MemtypeEntry> all = new ArrayList<>();
    counts.forEach(
        (range, count) -> {
          CacheMode mode = typeAt(range.start());
          for (int i = 0; i < count && mode != null; i++) {
            all.add(new MemtypeEntry(range, mode));
          }
        });
    return all;
  }

  boolean isEmpty() {
    return counts.isEmpty();
  }

  /** How many segments the entries are kept in. */
  int segmentCount() {
    return segments.size();
  }

  /** Makes segments end and begin at the bounds of a range. */
  private void cutAround(PhysRange range) {
    cutAt(range.start());
    if (range.endInclusive() != -1) {
      cutAt(range.endInclusive() + 1);
    }
  }

  /** Makes a segment that goes across an address begin anew there. */
  private void cutAt(long address) {
    Map.Entry<Long, Segment> at = segments.lowerEntry(address);
    if (at != null && Long.compareUnsigned(at.getValue().endInclusive, address) >= 0) {
      Segment segment = at.getValue();
      Segment below = new Segment(address - 1, segment.mode, segment.entries);
      segments.put(address, segment);
      segments.replace(at.getKey(), below);
    }
  }

  /** Joins alike neighbours from just before a range to just after it, as far as the heap lets. */
  private void join(PhysRange range) {
    try {
      joinAll(range);
    } catch (OutOfMemoryError noRoom) {
      // they are right as they are
    }
  }

  private void joinAll(PhysRange range) {
    Map.Entry<Long, Segment> at = segments.lowerEntry(range.start());
    if (at == null) {
      at = segments.ceilingEntry(range.start());
    }
    while (at != null && Long.compareUnsigned(at.getKey(), range.endInclusive()) <= 0) {
      Segment segment = at.getValue();
      Map.Entry<Long, Segment> next = segments.higherEntry(at.getKey());
      if (next != null
          && next.getKey() == segment.endInclusive + 1
          && next.getValue().mode == segment.mode
          && next.getValue().entries == segment.entries) {
        Segment joined = new Segment(next.getValue().endInclusive, segment.mode, segment.entries);
        segments.remove(next.getKey());
        segments.replace(at.getKey(), joined);
        at = segments.ceilingEntry(at.getKey());
      } else {
        at = next;
      }
    }
  }
}
