// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.space;

import dev.memremap.cache.CacheMode;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import dev.memremap.spi.AccessPath;
import dev.memremap.spi.MappedBytes;
import dev.memremap.spi.PhysicalMemory;
import java.lang.foreign.Arena;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Memory that is mapped together and unmapped together: the one lifecycle of everything mapped.
 *
 * <pre>
 *   map     a mapping is taken from the quota, the way to the memory found, the memory mapped;
 *           where a step fails, the earlier ones are undone
 *   unmap   the arena is closed, and the quota gets its mappings back
 *   close   unmap, and then the entry in the table of memory types is given back
 * </pre>
 *
 * <p>A region has an arena of its own, or lives in the {@link DeviceArena} that its device's
 * regions share. There, closing gives the table entry back at once, or in a release together with
 * the others, and the bytes go with the arena.
 *
 * <p>Thread safety: {@code mappings} is guarded by {@code this}; {@code entry} is set before the
 * region is handed to another thread, and run by its one {@code close} or {@code abandon}.
 */
public sealed class MappedRegion permits DeviceArena.Region {
  private final PhysicalMemory memory;
  private final Quota quota;
  private final Arena arena;
  private @Nullable Runnable entry;
  private long mappings;

  /**
   * How many mappings a machine has, and may have. A JVM whose process is at the system's limit
   * cannot start a thread any more and dies; half of it is kept free (LIB-1).
   *
   * <p>Thread safety: {@code taken} alone is shared, and only ever changed by atomic operations; a
   * take that finds the limit reached gives back what it took, so the count never stays above it.
   */
  public static final class Quota {
    private final long limit;
    private final String source;
    private final AtomicLong taken = new AtomicLong();

    /**
     * A quota of which nothing is taken.
     *
     * @param limit how many mappings there may be
     * @param source what sets the limit, for a sentence
     */
    public Quota(long limit, String source) {
      this.limit = limit;
      this.source = source;
    }

    /**
     * Takes one.
     *
     * @throws MemremapException {@code ENOMEM} if there is none left
     */
    public void take() {
      if (taken.incrementAndGet() > limit) {
        taken.decrementAndGet();
        throw new MemremapException(
            Errno.ENOMEM,
            Rule.LIB_1,
            "the machine has %d mappings and may have no more: half of %s is kept for the JVM; close some, map larger ranges, or raise the limit with sysctl -w vm.max_map_count=N"
                .formatted(limit, source));
      }
    }

    /** Gives some back. */
    public void give(long count) {
      taken.addAndGet(-count);
    }

    /** How many there may be. */
    public long limit() {
      return limit;
    }

    /** How many are taken. */
    public long taken() {
      return taken.get();
    }
  }

  MappedRegion(PhysicalMemory memory, Quota quota, Arena arena) {
    this.memory = memory;
    this.quota = quota;
    this.arena = arena;
  }

  /** A region of this memory that nothing is mapped in yet; every thread may access it. */
  @SuppressWarnings("MustBeClosedChecker") // closed by unmap, or abandon
  public static MappedRegion of(PhysicalMemory memory, Quota quota) {
    return new MappedRegion(memory, quota, Arena.ofShared());
  }

  /** A region that is unmapped by the garbage collector, when no segment of it can be reached. */
  public static MappedRegion collected(PhysicalMemory memory, Quota quota) {
    return new MappedRegion(memory, quota, Arena.ofAuto());
  }

  /**
   * Has the region give an entry of the machine's tables back when its memory is unmapped, or could
   * not be mapped.
   *
   * @param giveBack gives the entry back
   */
  public void holds(Runnable giveBack) {
    this.entry = giveBack;
  }

  /**
   * Finds the path to a range and maps it.
   *
   * @param range what to map
   * @param asked the cache mode that was asked for
   * @param effective the cache mode that the table of memory types gives it
   * @throws MemremapException if the quota is used up, no path leads there, or the system refuses;
   *     nothing is mapped then
   */
  public MappedBytes map(PhysRange range, CacheMode asked, CacheMode effective) {
    return map(range, memory.accessPath(range, asked, effective).orThrow());
  }

  /**
   * Maps a range by a path that was found.
   *
   * @throws MemremapException if the quota is used up, or the system refuses; nothing is mapped
   *     then
   */
  public synchronized MappedBytes map(PhysRange range, AccessPath.Open path) {
    take();
    boolean mapped = false;
    try {
      MappedBytes bytes = memory.map(range, path, arena);
      mappings++;
      mapped = true;
      return bytes;
    } finally {
      if (!mapped) {
        give(1);
      }
    }
  }

  /**
   * Takes a mapping from the quota.
   *
   * @throws MemremapException {@code ENOMEM} if there is none left
   */
  void take() {
    quota.take();
  }

  /** Gives mappings back to the quota. */
  void give(long count) {
    quota.give(count);
  }

  /** The arena of what is mapped, for copies that are to live as long. */
  public Arena arena() {
    return arena;
  }

  /** Gives a region up whose mapping failed: nothing is mapped by it, and nothing reserved. */
  public void abandon() {
    arena.close();
    giveQuotaBack();
    giveEntryBack();
  }

  /**
   * Unmaps. A second call does nothing.
   *
   * @param what lives in it, for the sentence
   * @throws IllegalStateException if an I/O operation holds it (LIB-4); nothing is changed then
   */
  public void unmap(Object what) {
    close(arena, what);
    giveQuotaBack();
  }

  private synchronized void giveQuotaBack() {
    give(mappings);
    mappings = 0;
  }

  /**
   * Unmaps, and then gives the entry back, since nothing can reach the bytes any more.
   *
   * @param what lives in it, for the sentence
   * @throws IllegalStateException if an I/O operation holds it (LIB-4); nothing is changed then
   */
  public void close(Object what) {
    unmap(what);
    giveEntryBack();
  }

  /** Gives the entry back, where the region holds one. */
  void giveEntryBack() {
    if (entry != null) {
      entry.run();
    }
  }

  /**
   * Closes a shared arena (LIB-4). Closing it again does nothing.
   *
   * @param what lives in it, for the sentence
   * @throws IllegalStateException if an I/O operation holds it
   */
  static void close(Arena arena, Object what) {
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
