// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.fault;

import dev.memremap.pager.store.PageStore;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Nodes of the store that did not take a page lately, or not soon. Pages that only they can take
 * stay in memory, so that a fault whose own node answers does not wait for one that does not. After
 * a pause the evictor tries again, for all.
 *
 * <p>Thread safety: all methods may be called from any thread; the map is concurrent. A name that
 * is seen late or early costs one more wait, or one more page that stays.
 */
final class LostNodes {
  private static final long PAUSE_NANOS = 1_000_000_000;

  private final PageStore store;

  /** Until when each is not asked, as {@link System#nanoTime} counts. */
  private final Map<String, Long> until = new ConcurrentHashMap<>();

  LostNodes(PageStore store) {
    this.store = store;
  }

  /** A page was not taken. */
  void refused(long page) {
    until.put(store.nodeOf(page), System.nanoTime() + PAUSE_NANOS);
  }

  /** A page was taken. */
  void took(long page) {
    if (!until.isEmpty()) {
      until.remove(store.nodeOf(page));
    }
  }

  /**
   * Whether a page that was written to has to stay in memory.
   *
   * @param tries whether the caller is the one that tries again after the pause
   */
  boolean keeps(long page, boolean tries) {
    if (until.isEmpty()) {
      return false;
    }
    Long end = until.get(store.nodeOf(page));
    return end != null && !(tries && System.nanoTime() - end >= 0);
  }
}
