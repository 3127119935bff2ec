// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.fault;

import java.util.Map;
import java.util.TreeMap;

/**
 * How parts of the memory are going to be read, as the application said.
 *
 * <p>Thread safety: {@code this} guards all; {@code none} is volatile, and spares a fault the lock
 * where nothing was said.
 */
final class Advice {
  // from a page on, up to the next key, whether pages are read ahead there
  private final TreeMap<Integer, Boolean> ahead = new TreeMap<>(Map.of(0, true));
  private volatile boolean none = true;

  /** Says whether pages are read ahead in a part. */
  synchronized void set(int first, int count, boolean isAhead) {
    int end = first + count;
    boolean after = ahead.floorEntry(end).getValue();
    ahead.subMap(first, true, end, true).clear();
    ahead.put(first, isAhead);
    ahead.put(end, after);
    none = ahead.values().stream().allMatch(Boolean::booleanValue);
  }

  /** Whether pages are read ahead of a page. */
  boolean ahead(int page) {
    return none || isAhead(page);
  }

  private synchronized boolean isAhead(int page) {
    return ahead.floorEntry(page).getValue();
  }
}
