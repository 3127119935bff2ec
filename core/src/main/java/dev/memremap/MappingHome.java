// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import dev.memremap.memory.Arenas;
import dev.memremap.memory.MappingQuota;
import java.lang.foreign.Arena;

/**
 * Whose arena a mapping lives in, and so what unmaps it: an arena of its own, or its device's.
 *
 * <p>A mapping's table entries are given back last, once nothing can reach the bytes any more.
 */
interface MappingHome {

  /** The arena to map in. */
  Arena arena();

  /** Called when mapping failed: nothing lives in the arena because of it. */
  void abandon();

  /**
   * What the mapping's close does.
   *
   * @param entries gives the mapping's entries in the machine's tables back
   */
  Mapping.Undo undo(Runnable entries);

  /** A home with an arena of its own, closed with the mapping. */
  final class Own implements MappingHome {
    private final MappingQuota quota;
    private final Arena arena = Arena.ofShared();

    private Own(MappingQuota quota) {
      this.quota = quota;
    }

    /** A home for one mapping, which counts from now on. */
    static Own in(MappingQuota quota) {
      quota.take();
      return new Own(quota);
    }

    @Override
    public Arena arena() {
      return arena;
    }

    @Override
    public void abandon() {
      arena.close();
      quota.give(1);
    }

    @Override
    public Mapping.Undo undo(Runnable entries) {
      return mapping -> {
        unmap(mapping);
        entries.run();
      };
    }

    /**
     * Unmaps.
     *
     * @param what lives in it, for a sentence
     * @throws IllegalStateException if an I/O operation holds it
     */
    void unmap(Object what) {
      Arenas.close(arena, what);
      quota.give(1);
    }
  }
}
