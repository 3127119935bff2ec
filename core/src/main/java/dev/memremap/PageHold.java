// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import dev.memremap.internal.pages.PagemapLife;
import dev.memremap.page.Page;
import dev.memremap.rule.Rule;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Holds a page and its map until it is closed: {@code get_page}, with a reference that cannot be
 * put twice.
 *
 * <pre>{@code
 * try (PageHold page = machine.hold(pfn)) {
 *   if (page != null) {
 *     page.segment().copyFrom(bytes);
 *   }
 * }
 * }</pre>
 *
 * <p>It holds the map as a {@link Lookup} does, and also the page; in a compound page, the head.
 * {@link dev.memremap.page.Page#refCount} includes it. The page is not freed while this is open,
 * whatever other code puts ({@link Rule#D_4 D-4}). If this was the page's last reference, closing
 * it frees the page, and {@code page_free} runs before {@code close} returns.
 *
 * <p>A page can have up to 16,383 holds at once.
 *
 * <p>Thread safety: all methods may be called from any thread.
 */
public final class PageHold extends PagemapHold {
  PageHold(long pfn) {
    super(pfn);
  }

  /**
   * Returns the page's bytes, valid until the map has drained.
   *
   * @throws IllegalStateException if the hold is closed ({@link Rule#D_5 D-5}), or if the page is
   *     PRIVATE, since no processor reaches it
   */
  public MemorySegment segment() {
    return page().segment();
  }

  @Override
  @Nullable Page soleHeld(PagemapLife held) {
    return held.soleHeld(pfn());
  }

  @Override
  void giveBack(PagemapLife held, @Nullable Page soleHeld) {
    held.unholdPage(pfn(), soleHeld);
  }
}
