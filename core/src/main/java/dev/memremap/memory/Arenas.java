// SPDX-License-Identifier: Apache-2.0
package dev.memremap.memory;

import dev.memremap.rule.Rule;
import java.lang.foreign.Arena;

/** Closing what mappings live in. */
public final class Arenas {
  private Arenas() {}

  /**
   * Closes a shared arena (LIB-4). Closing it again does nothing.
   *
   * @param what lives in it, for the sentence
   * @throws IllegalStateException if an I/O operation holds it
   */
  public static void close(Arena arena, Object what) {
    try {
      arena.close();
    } catch (IllegalStateException e) {
      if (!arena.scope().isAlive()) {
        return;
      }
      throw new IllegalStateException(
          "%s cannot be unmapped while an I/O operation uses it; close it again when that has ended [%s: %s]"
              .formatted(what, Rule.LIB_4.id(), Rule.LIB_4.sentence()),
          e);
    }
  }
}
