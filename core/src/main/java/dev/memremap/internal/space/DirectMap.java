// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.space;

import dev.memremap.cache.CacheMode;
import dev.memremap.internal.stack.StackRoom;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.ResourceSnapshot;
import dev.memremap.spi.MappedBytes;
import dev.memremap.spi.PhysicalMemory;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A machine's direct map: every run of System RAM mapped once, at its first use, for as long as the
 * machine lives, so that one physical address is always one address here (W-3). Where a run is
 * dear, as on a real machine, only the part asked for is mapped, and kept (D-17).
 *
 * <p>Thread safety: {@code mapped} is an immutable list, written while {@code this} is locked and
 * read without; it is volatile, so a reader sees whole entries, and one that misses the newest
 * takes the lock and looks again.
 */
public final class DirectMap {
  private final PhysicalMemory memory;
  private final MappedRegion region;
  private volatile List<Run> mapped = List.of();

  private record Run(PhysRange range, MappedBytes bytes) {
    MappedBytes slice(PhysRange wanted) {
      MemorySegment slice =
          bytes.segment().asSlice(wanted.start() - range.start(), wanted.sizeBytes());
      return new MappedBytes(slice, bytes.mode(), bytes.backing());
    }
  }

  DirectMap(PhysicalMemory memory, MappedRegion.Quota quota) {
    this.memory = memory;
    this.region = MappedRegion.of(memory, quota);
  }

  /**
   * The bytes of a range of System RAM.
   *
   * @param resources say which run of System RAM holds it
   */
  public MappedBytes slice(PhysRange wanted, ResourceSnapshot resources) {
    Run found = find(wanted);
    if (found == null) {
      found = map(wanted, resources.systemRamRunAt(wanted.start()).orElseThrow());
    }
    return found.slice(wanted);
  }

  private @Nullable Run find(PhysRange wanted) {
    for (Run run : mapped) {
      if (run.range.contains(wanted)) {
        return run;
      }
    }
    return null;
  }

  private synchronized Run map(PhysRange wanted, PhysRange whole) {
    StackRoom.touch();
    Run found = find(wanted);
    if (found != null) {
      return found;
    }
    PhysRange range = memory.directMapUnit(wanted, whole);
    Run run = new Run(range, region.map(range, CacheMode.WB, CacheMode.WB));
    List<Run> next = new ArrayList<>(mapped);
    next.add(run);
    mapped = List.copyOf(next);
    return run;
  }

  /** Unmaps everything; slices handed out throw from now on. */
  public synchronized void close() {
    region.unmap("the direct map");
    mapped = List.of();
  }
}
