// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.state;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * In which parts of the memory pages are read ahead, as the application said: the worker looks here
 * at a fault, and the application keeps them for the next worker. It takes room for parts that
 * differ from their neighbours, however often something is said.
 *
 * <p>Thread safety: {@code this} guards all; {@code none} is volatile, and spares a fault the lock
 * where nothing was said.
 */
public final class ReadAheadParts {
  // from a page on, up to the next key, whether pages are read ahead there; neighbours differ
  private final TreeMap<Integer, Boolean> ahead = new TreeMap<>(Map.of(0, true));
  private volatile boolean none = true;

  /**
   * Pages that are not read ahead.
   *
   * @param first the first page
   * @param count how many
   */
  public record Part(int first, int count) {}

  /** Makes those of a memory of which nothing was said: pages are read ahead everywhere. */
  public ReadAheadParts() {}

  /**
   * Says whether pages are read ahead in a part.
   *
   * @param first the first page
   * @param count how many, at least 1
   */
  public synchronized void set(int first, int count, boolean isAhead) {
    int end = first + count;
    boolean after = isAhead(end);
    ahead.subMap(first, true, end, true).clear();
    if (first == 0 || isAhead(first - 1) != isAhead) {
      ahead.put(first, isAhead);
    }
    if (after != isAhead) {
      ahead.put(end, after);
    }
    none = ahead.size() == 1 && isAhead(0);
  }

  /** Returns whether pages are read ahead of a page. */
  public boolean ahead(int page) {
    return none || isAhead(page);
  }

  private synchronized boolean isAhead(int page) {
    return ahead.floorEntry(page).getValue();
  }

  /** Returns where pages are not read ahead. */
  public synchronized List<Part> withoutReadAhead() {
    List<Part> parts = new ArrayList<>();
    ahead.forEach(
        (first, isAhead) -> {
          Integer end = ahead.higherKey(first);
          if (!isAhead) {
            parts.add(new Part(first, (end == null ? Integer.MAX_VALUE : end) - first));
          }
        });
    return parts;
  }
}
