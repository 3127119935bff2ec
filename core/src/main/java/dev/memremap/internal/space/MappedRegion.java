// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.space;

import dev.memremap.cache.CacheMode;
import dev.memremap.internal.quota.JvmMappings;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import dev.memremap.spi.AccessPath;
import dev.memremap.spi.MappedBytes;
import dev.memremap.spi.PhysicalMemory;
import java.lang.foreign.Arena;
import java.util.concurrent.Semaphore;
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
 * region is handed to another thread, and run once, by its {@code close} or {@code abandon}, whose
 * callers hold the lock of what lives in the region.
 */
public sealed class MappedRegion permits DeviceArena.Region, MappedRegion.Collected {
  private final PhysicalMemory memory;
  private final Quota quota;
  private final Arena arena;
  private @Nullable Runnable entry;
  private long mappings;

  /**
   * How many mappings a machine has, and may have. Each is one of those that all machines of the
   * JVM have together, too (LIB-1).
   *
   * <p>Thread safety: {@code taken} alone is shared, and only ever changed by atomic operations; a
   * take that finds the limit reached gives back what it took, so the count never stays above it.
   */
  public static final class Quota {
    private final long limit;
    private final String source;
    private final JvmMappings jvm;
    private final Semaphore freeOfJvm;
    private final AtomicLong taken = new AtomicLong();

    /**
     * A quota of which nothing is taken.
     *
     * @param limit how many mappings there may be
     * @param source what sets the limit, for a sentence
     */
    public Quota(long limit, String source) {
      this(limit, source, JvmMappings.ofThisJvm());
    }

    /** A quota whose mappings are counted among those of a JVM. */
    public Quota(long limit, String source, JvmMappings jvm) {
      this.limit = limit;
      this.source = source;
      this.jvm = jvm;
      this.freeOfJvm = jvm.free();
    }

    /**
     * Takes one.
     *
     * @throws MemremapException {@code ENOMEM} if none is left
     */
    public void take() {
      if (!freeOfJvm.tryAcquire()) {
        jvm.take();
      }
      if (taken.incrementAndGet() > limit) {
        give(1);
        throw new MemremapException(
            Errno.ENOMEM,
            Rule.LIB_1,
            "the machine has %d mappings and may have no more, by %s; close some, or map larger ranges"
                .formatted(limit, source));
      }
    }

    /** Gives some back. */
    public void give(long count) {
      taken.addAndGet(-count);
      freeOfJvm.release((int) count);
    }

    /** How many there may be. */
    public long limit() {
      return Math.min(limit, jvm.limit());
    }

    /** How many are taken. */
    public long taken() {
      return taken.get();
    }
  }

  /**
   * A region that the garbage collector unmaps, and gives back to the JVM's count then.
   *
   * <p>Thread safety: {@code taken} is only changed by atomic operations.
   */
  static final class Collected extends MappedRegion {
    private final AtomicLong taken = new AtomicLong();

    private Collected(PhysicalMemory memory, Quota quota, Arena arena) {
      super(memory, quota, arena);
      quota.jvm.giveWhenCollected(arena.scope(), taken);
    }

    @Override
    void take() {
      super.take();
      taken.incrementAndGet();
    }

    @Override
    void give(long count) {
      taken.addAndGet(-count);
      super.give(count);
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
    return new Collected(memory, quota, Arena.ofAuto());
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
    } catch (IllegalStateException e) {
      throw arena.scope().isAlive() ? e : closedMeanwhile(range, e);
    } finally {
      if (!mapped) {
        give(1);
      }
    }
  }

  /** LIB-5: what a mapping meets whose device is released while it is made. */
  private static IllegalStateException closedMeanwhile(PhysRange range, IllegalStateException e) {
    return new IllegalStateException(
        "%s was not mapped: its device was released, or its machine closed, meanwhile; map it again [%s]"
            .formatted(range, Rule.LIB_5.id()),
        e);
  }

  /**
   * Counts copies of memory that the arena is to hold: the system may give each a mapping of its
   * own.
   *
   * @throws MemremapException if the quota is used up; those that were counted go with the region
   */
  public synchronized void countCopies(int copies) {
    for (int i = 0; i < copies; i++) {
      take();
      mappings++;
    }
  }

  /**
   * Takes a mapping from the quota.
   *
   * @throws MemremapException {@code ENOMEM} if none is left
   */
  void take() {
    quota.take();
  }

  /** Gives mappings back to the quota. */
  void give(long count) {
    quota.give(count);
  }

  /** Whether something was mapped in it, and not unmapped yet. */
  synchronized boolean isMapped() {
    return mappings > 0;
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

  /** Gives the entry back, where the region holds one and has not given it back. */
  void giveEntryBack() {
    if (entry != null) {
      entry.run();
      entry = null;
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
