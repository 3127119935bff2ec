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
 * of what it overlaps (MT-5). So at each address there is one type and a number of entries, and
 * what a request meets is told by disjoint segments of equal type and number, kept beside the
 * multiset:
 *
 * <pre>
 *   entries    |-------- WC --------|         |--- WB ---|
 *                     |--- WC ---|
 *   segments   |  1   |     2    | 1 |        |    1     |
 * </pre>
 *
 * <p>A lookup costs the logarithm of the number of segments and what the range really touches; a
 * huge entry over many small ones is no worse. Neighbouring segments that are alike are joined, so
 * that there are at most twice as many as entries.
 *
 * <p>Thread safety: none; guarded by the lock of the {@link MemtypeTable} that owns it.
 */
final class MemtypeEntries {
  private static final Comparator<PhysRange> BY_END =
      Comparator.<PhysRange, Long>comparing(PhysRange::endInclusive, Long::compareUnsigned)
          .thenComparing(PhysRange::start, Long::compareUnsigned);

  private final NavigableMap<PhysRange, Integer> counts = new TreeMap<>();
  private final NavigableSet<PhysRange> byEnd = new TreeSet<>(BY_END);
  private final NavigableMap<Long, Segment> segments = new TreeMap<>(Long::compareUnsigned);

  private record Segment(long endInclusive, CacheMode mode, int entries) {}

  /** The segments that a range overlaps, in ascending order, each cut to nothing. */
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
    counts.merge(range, 1, Integer::sum);
    byEnd.add(range);
    cutAt(range.start());
    cutAfter(range.endInclusive());
    long next = range.start();
    while (true) {
      Segment segment = segments.get(next);
      long last;
      if (segment != null) {
        last = segment.endInclusive;
        segments.put(next, new Segment(last, mode, segment.entries + 1));
      } else {
        Long higher = segments.higherKey(next);
        last =
            higher == null || Long.compareUnsigned(higher, range.endInclusive()) > 0
                ? range.endInclusive()
                : higher - 1;
        segments.put(next, new Segment(last, mode, 1));
      }
      if (last == range.endInclusive()) {
        break;
      }
      next = last + 1;
    }
    join(range);
  }

  /** Takes one entry with exactly this range out; false if there is none. */
  boolean remove(PhysRange range) {
    Integer count = counts.get(range);
    if (count == null) {
      return false;
    }
    if (count == 1) {
      counts.remove(range);
      byEnd.remove(range);
    } else {
      counts.put(range, count - 1);
    }
    cutAt(range.start());
    cutAfter(range.endInclusive());
    List<Long> starts =
        List.copyOf(segments.subMap(range.start(), true, range.endInclusive(), true).keySet());
    for (long start : starts) {
      Segment segment = segments.remove(start);
      if (segment != null && segment.entries > 1) {
        segments.put(start, new Segment(segment.endInclusive, segment.mode, segment.entries - 1));
      }
    }
    join(range);
    return true;
  }

  /** An entry that ends where a range does and starts before it; null if there is none. */
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

  /** Makes a segment that goes across an address begin anew there. */
  private void cutAt(long address) {
    Map.Entry<Long, Segment> at = segments.lowerEntry(address);
    if (at != null && Long.compareUnsigned(at.getValue().endInclusive, address) >= 0) {
      Segment segment = at.getValue();
      segments.put(at.getKey(), new Segment(address - 1, segment.mode, segment.entries));
      segments.put(address, segment);
    }
  }

  private void cutAfter(long lastAddress) {
    if (lastAddress != -1) {
      cutAt(lastAddress + 1);
    }
  }

  /** Joins alike neighbours from just before a range to just after it. */
  private void join(PhysRange range) {
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
        segments.remove(next.getKey());
        segments.put(
            at.getKey(), new Segment(next.getValue().endInclusive, segment.mode, segment.entries));
        at = segments.ceilingEntry(at.getKey());
      } else {
        at = next;
      }
    }
  }
}
