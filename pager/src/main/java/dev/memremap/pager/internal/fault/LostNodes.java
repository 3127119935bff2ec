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

  private final Map<String, Refusal> refusals = new ConcurrentHashMap<>();

  /**
   * That a node did not take a page.
   *
   * @param until when it is asked again, as {@link System#nanoTime} counts
   * @param why in words
   */
  private record Refusal(long until, String why) {}

  LostNodes(PageStore store) {
    this.store = store;
  }

  /** A page was not taken, and why. */
  void refused(long page, String why) {
    refusals.put(store.nodeOf(page), new Refusal(System.nanoTime() + PAUSE_NANOS, why));
  }

  /** A page was taken. */
  void took(long page) {
    if (!refusals.isEmpty()) {
      refusals.remove(store.nodeOf(page));
    }
  }

  /**
   * Whether a page that was written to has to stay in memory.
   *
   * @param tries whether the caller is the one that tries again after the pause
   */
  boolean keeps(long page, boolean tries) {
    if (refusals.isEmpty()) {
      return false;
    }
    Refusal of = refusals.get(store.nodeOf(page));
    return of != null && !(tries && System.nanoTime() - of.until >= 0);
  }

  /** Why no page can leave memory, which is full, in words. */
  String whyFull() {
    return refusals.values().stream()
        .findFirst()
        .map(of -> "memory is full, and the store does not take what was written: " + of.why)
        .orElse(
            "memory is full of pages that are pinned, or that the store has not taken yet: close pins, or open the memory with a larger resident size");
  }
}
