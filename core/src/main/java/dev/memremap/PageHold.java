// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import dev.memremap.internal.pages.PagemapLife;
import dev.memremap.page.Page;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A page that is held until this is closed: {@code get_page}, with a reference that cannot be put
 * twice.
 *
 * <pre>{@code
 * try (PageHold page = machine.hold(pfn)) {
 *   if (page != null) {
 *     page.segment().copyFrom(bytes);
 *   }
 * }
 * }</pre>
 *
 * <p>It holds the map as a {@link Lookup} does, and the page besides: at the head, if the page is
 * part of a compound one. {@link dev.memremap.page.Page#refCount} counts it. What {@code put} drops
 * is counted apart, so the page is not freed while this is open, whatever was put (D-4). If this
 * was the page's last reference, closing it frees the page, and {@code page_free} runs before
 * {@code close} returns.
 *
 * <p>A page counts up to 262,143 holds at once.
 *
 * <p>Thread safety: all methods may be called from any thread.
 */
public final class PageHold extends PagemapHold {
  PageHold(long pfn) {
    super(pfn);
  }

  /**
   * The page's bytes, valid until the map has drained.
   *
   * @throws IllegalStateException if the hold is closed (D-5), or the page PRIVATE, which no
   *     processor reaches
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
