// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import dev.memremap.internal.pages.PagemapLife;
import dev.memremap.page.Page;
import dev.memremap.rule.Rule;
import org.jspecify.annotations.Nullable;

/**
 * Holds the page map of a page until it is closed: {@code get_dev_pagemap}, with a reference that
 * cannot be put twice.
 *
 * <pre>{@code
 * try (Lookup held = machine.lookup(pfn)) {
 *   if (held != null) {
 *     use(held.page().segment());
 *   }
 * }
 * }</pre>
 *
 * <p>The map's memory stays mapped, and its pages keep their structures, until this is closed,
 * whatever other code gets and puts ({@link Rule#D_4 D-4}). Unmapping the map waits for this hold
 * as for any reference. The map's pages may be freed and used again meanwhile; take a {@link
 * PageHold} to keep one in use.
 *
 * <p>A hold that is never closed keeps the map for as long as the JVM runs. {@link
 * dev.memremap.page.DevPagemap#traceHolders} finds the line that took it.
 *
 * <p>Thread safety: all methods may be called from any thread.
 */
public final class Lookup extends PagemapHold {
  Lookup(long pfn) {
    super(pfn);
  }

  @Override
  @Nullable Page soleHeld(PagemapLife held) {
    return null;
  }

  @Override
  void giveBack(PagemapLife held, @Nullable Page soleHeld) {
    held.unhold();
  }
}
