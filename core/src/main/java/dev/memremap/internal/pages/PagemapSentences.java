// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import dev.memremap.page.PagemapRange;
import dev.memremap.rule.Rule;
import org.jspecify.annotations.Nullable;

/**
 * What is said of page maps in more than one place. A sentence begins with its subject's toString;
 * the parameter is an Object, so that this file does not depend on DevPagemap.
 */
final class PagemapSentences {
  private PagemapSentences() {}

  /** What a call means that does not fit the state of its map. */
  static IllegalStateException misuse(Object map, String why) {
    return new IllegalStateException("%s: %s [%s]".formatted(map, why, Rule.D_5.id()));
  }

  /** GP-1: what a hint of another machine means. */
  static IllegalArgumentException foreign(Object hint) {
    return new IllegalArgumentException(
        "the hint, %s, was not mapped on this machine; its reference was not put [%s: %s]"
            .formatted(hint, Rule.C_18.id(), Rule.C_18.sentence()));
  }

  /**
   * Whether the unmapping of a map's memory failed because an I/O operation holds it: the one
   * failure of a closing arena that is an IllegalStateException.
   */
  static boolean isHeldByIo(Throwable why) {
    return why instanceof IllegalStateException;
  }

  /**
   * What is said of a map that drained and whose end failed, though no I/O operation holds it.
   *
   * @param manager what manages it; null for nothing
   */
  static String inVain(Object life, @Nullable Object manager, Throwable why) {
    return "%s has drained, and could not end; %s again: %s"
        .formatted(life, manager == null ? "unmap it" : "release %s".formatted(manager), why);
  }

  /** Why a map is refused, with the range that it is refused for unless that is the first. */
  static String inRange(int i, PagemapRange range, String why) {
    return i == 0 ? why : "range %d (%s): %s".formatted(i, range, why);
  }
}
