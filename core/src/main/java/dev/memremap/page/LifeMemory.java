// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

import dev.memremap.cache.CacheMode;
import dev.memremap.memory.AccessPath;
import dev.memremap.memory.Arenas;
import dev.memremap.memory.MappingQuota;
import dev.memremap.memory.PhysicalMemory;
import dev.memremap.resource.PhysRange;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What one life of a page map has mapped, unmapped all at once.
 *
 * <p>Thread safety: none; guarded by the life.
 */
final class LifeMemory {
  private final PhysicalMemory memory;
  private final MappingQuota quota;
  private final Arena arena = Arena.ofShared();
  private long mappings;

  LifeMemory(PhysicalMemory memory, MappingQuota quota) {
    this.memory = memory;
    this.quota = quota;
  }

  MemorySegment map(PhysRange range, CacheMode mode) {
    quota.take();
    try {
      AccessPath.Open path = memory.accessPath(range, mode, mode).orThrow();
      MemorySegment segment = memory.map(range, path, arena).segment();
      mappings++;
      return segment;
    } catch (RuntimeException | Error e) {
      quota.give(1);
      throw e;
    }
  }

  void unmap(Object what) {
    Arenas.close(arena, what);
    quota.give(mappings);
    mappings = 0;
  }
}
