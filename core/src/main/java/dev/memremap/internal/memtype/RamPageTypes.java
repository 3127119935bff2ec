// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.memtype;

import dev.memremap.cache.CacheMode;
import dev.memremap.cache.MemtypeEntry;
import dev.memremap.resource.PhysRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The memory type in the page flags of System RAM (MT-4): WB, but for runs of pages that were taken
 * with another type. Kept as runs, so a terabyte costs no more than a page.
 *
 * <p>Thread safety: none; guarded by the lock of the {@link MemtypeTable} that owns it.
 */
final class RamPageTypes {
  private final NavigableMap<Long, MemtypeEntry> runs = new TreeMap<>(Long::compareUnsigned);

  /** The first run of another type than WB in a range; null if all of it is WB. */
  @Nullable MemtypeEntry firstTaken(PhysRange range) {
    Map.Entry<Long, MemtypeEntry> at = runs.floorEntry(range.start());
    if (at == null || !at.getValue().range().overlaps(range)) {
      at = runs.higherEntry(range.start());
    }
    return at != null && at.getValue().range().overlaps(range) ? at.getValue() : null;
  }

  /** Sets a range that is all WB. */
  void set(PhysRange range, CacheMode mode) {
    if (mode != CacheMode.WB) {
      runs.put(range.start(), new MemtypeEntry(range, mode));
    }
  }

  /** Sets a range back to WB, whatever it is. */
  void clear(PhysRange range) {
    for (MemtypeEntry run = firstTaken(range); run != null; run = firstTaken(range)) {
      Long start = run.range().start();
      MemtypeEntry before = null;
      if (Long.compareUnsigned(start, range.start()) < 0) {
        before = new MemtypeEntry(new PhysRange(start, range.start() - 1), run.mode());
      }
      // what needs room in the heap comes first, the key too: a new run, then one that takes
      // another's place
      if (Long.compareUnsigned(run.range().endInclusive(), range.endInclusive()) > 0) {
        PhysRange after = new PhysRange(range.endInclusive() + 1, run.range().endInclusive());
        runs.put(after.start(), new MemtypeEntry(after, run.mode()));
      }
      if (before == null) {
        runs.remove(start);
      } else {
        runs.replace(start, before);
      }
    }
  }

  CacheMode typeAt(long address) {
    MemtypeEntry run = firstTaken(new PhysRange(address, address));
    return run == null ? CacheMode.WB : run.mode();
  }

  List<MemtypeEntry> all() {
    return new ArrayList<>(runs.values());
  }

  boolean isEmpty() {
    return runs.isEmpty();
  }
}
