// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import dev.memremap.internal.pages.PagemapLife;
import dev.memremap.page.Page;
import org.jspecify.annotations.Nullable;

/**
 * A page map that a lookup found, held until this is closed: {@code get_dev_pagemap}, with a
 * reference that cannot be put twice.
 *
 * <pre>{@code
 * try (Lookup held = machine.lookup(pfn)) {
 *   if (held != null) {
 *     use(held.page().segment());
 *   }
 * }
 * }</pre>
 *
 * <p>Holds are counted apart from the references that {@code get} takes and {@code put} drops, so
 * no put by anyone takes memory from under one (D-4): the map's memory stays mapped, and its pages
 * keep their structures, until this is closed. Whoever unmaps the map waits for it as for any
 * reference. Its pages may be freed and used anew meanwhile; to keep one in use, take a {@link
 * PageHold}.
 *
 * <p>A hold that is never closed keeps the map for as long as the JVM runs. {@code
 * traceHolders(true)} of the map names the line that took it.
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
