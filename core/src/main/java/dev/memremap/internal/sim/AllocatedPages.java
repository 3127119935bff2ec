// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.sim;

import dev.memremap.resource.PhysRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Which bytes of a file are known to be allocated: ranges that neither overlap nor touch.
 *
 * <p>Thread safety: none; the file that it is about guards it.
 */
final class AllocatedPages {
  private final NavigableMap<Long, Long> runs = new TreeMap<>();

  /** The parts of a range that are not known to be allocated, ascending. */
  List<PhysRange> missing(PhysRange range) {
    List<PhysRange> missing = new ArrayList<>();
    long next = range.start();
    Map.Entry<Long, Long> run = runs.floorEntry(next);
    if (run == null) {
      run = runs.higherEntry(next);
    }
    for (;
        run != null && run.getKey() <= range.endInclusive();
        run = runs.higherEntry(run.getKey())) {
      if (run.getKey() > next) {
        missing.add(new PhysRange(next, run.getKey() - 1));
      }
      next = Math.max(next, run.getValue() + 1);
    }
    if (next <= range.endInclusive()) {
      missing.add(new PhysRange(next, range.endInclusive()));
    }
    return missing;
  }

  /** A range was allocated. */
  void add(PhysRange range) {
    long start = range.start();
    long end = range.endInclusive();
    Map.Entry<Long, Long> run = runs.floorEntry(end + 1);
    while (run != null && run.getValue() + 1 >= start) {
      start = Math.min(start, run.getKey());
      end = Math.max(end, run.getValue());
      runs.remove(run.getKey());
      run = runs.floorEntry(end + 1);
    }
    runs.put(start, end);
  }
}
