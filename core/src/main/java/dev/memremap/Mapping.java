// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import dev.memremap.cache.CacheMode;
import dev.memremap.internal.crypt.TransformedView;
import dev.memremap.internal.event.Tracepoints;
import dev.memremap.internal.remap.Remapper;
import dev.memremap.internal.space.MappedRegion;
import dev.memremap.internal.space.Provenance;
import dev.memremap.internal.stack.StackRoom;
import dev.memremap.internal.teardown.Failures;
import dev.memremap.internal.teardown.Log;
import dev.memremap.plan.RemapPlan;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import dev.memremap.spi.MappedBytes;
import dev.memremap.spi.SegmentAccess;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Gives access to memory that {@code memremap} mapped, as a plain {@link MemorySegment}, and says
 * what was granted.
 *
 * <table>
 *   <caption>How long it lives</caption>
 *   <tr><th>made by</th><th>after {@link #close()}</th></tr>
 *   <tr><td>{@link Machine#memremap} of System RAM with WB, a slice of the direct map</td>
 *       <td>the methods throw; a segment handed out earlier stays readable until the machine
 *       closes, as the kernel's pointer does. A strict machine unmaps the slice</td></tr>
 *   <tr><td>{@link Machine#memremap} of anything else</td><td>unmapped: every access
 *       throws</td></tr>
 *   <tr><td>{@link Device#memremap}</td><td>the methods throw; the bytes stay until the device is
 *       released, or until a thousand more were closed early, since one handshake with all threads
 *       then serves them all</td></tr>
 * </table>
 *
 * <p>A mapping whose encryption attribute differs from the memory's own shows ciphertext. It is a
 * copy, written back at {@link #force()} and {@link #close()} only, as the processor's caches do
 * with two such views on real hardware.
 *
 * <p>Thread safety: all methods may be called from any thread. An access that races with {@code
 * close} completes or throws {@link IllegalStateException}; it never reaches unmapped memory.
 */
public final class Mapping implements AutoCloseable {
  private static final VarHandle OPEN;

  static {
    try {
      OPEN = MethodHandles.lookup().findVarHandle(Mapping.class, "open", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final PhysRange range;
  private final RemapPlan plan;
  private final MappedBytes bytes;
  private final @Nullable TransformedView view;
  private final @Nullable MappedRegion region;
  private final @Nullable Runnable unmanage;
  private final @Nullable Provenance provenance;

  // Written while this is locked and read without: it is volatile, so a method called after a close
  // returned sees it. Closing a slice of the direct map undoes nothing, so it takes no lock, and a
  // release store tells threads that learn of the close from the closing thread. Whether an access
  // still reaches memory is decided by the segment's own arena, not by this flag.
  private volatile boolean open = true;

  /** The next older mapping in the machine's list of live ones; {@link Live} alone writes it. */
  private volatile @Nullable Mapping older;

  /**
   * What was mapped.
   *
   * @param unmanage told when it was closed; null if no device manages it
   */
  Mapping(
      Remapper.Remapped remapped, @Nullable Runnable unmanage, @Nullable Provenance provenance) {
    this.plan = remapped.plan();
    this.range = PhysRange.of(plan.offset(), plan.size());
    this.bytes = remapped.bytes();
    this.view = remapped.view();
    this.region = remapped.region();
    this.unmanage = unmanage;
    this.provenance = provenance;
  }

  /** Returns the physical addresses it maps. */
  public PhysRange range() {
    return range;
  }

  /**
   * Returns the mapped bytes, which any thread can read and write. The segment's first byte is the
   * first byte asked for, aligned or not.
   *
   * @throws IllegalStateException if the mapping is closed
   */
  public MemorySegment segment() {
    requireOpen();
    return bytes.segment();
  }

  /** Returns the cache mode granted, which may be weaker than the one asked for. */
  public CacheMode cacheMode() {
    return bytes.mode();
  }

  /** Returns what backs the bytes: on a real machine, a file's path. */
  public String backing() {
    return bytes.backing().name();
  }

  /** Returns whether stores are refused: some devices and files can only be read. */
  public boolean isReadOnly() {
    return bytes.segment().isReadOnly();
  }

  /** Returns whether it is a slice of the direct map, so that closing it unmaps nothing. */
  public boolean isDirectMap() {
    return grant().direct();
  }

  /**
   * Returns whether it has the encrypted attribute; false on a machine without memory encryption.
   */
  public boolean isEncrypted() {
    return grant().encrypted();
  }

  /**
   * Returns whether it is a copy, seen through an encryption attribute that differs from the
   * memory's.
   */
  public boolean isTransformedView() {
    return view != null;
  }

  /** Explains why it is mapped this way. */
  public RemapPlan plan() {
    return plan;
  }

  /** Returns whether it is still open; a close of its device or machine closes it, too. */
  public boolean isOpen() {
    return open;
  }

  /** Where it was made, innermost frame first; empty if the machine does not trace that. */
  List<String> frames() {
    return Provenance.lines(provenance);
  }

  /** Returns where it was made, if the machine traces that. */
  public Optional<String> madeAt() {
    return Optional.ofNullable(provenance).map(Provenance::toString);
  }

  /**
   * Loads a little-endian number.
   *
   * @param offset in bytes from the mapping's first byte; need not be aligned
   * @param widthBits 8, 16, 32 or 64
   * @return the number, zero-extended
   * @throws IndexOutOfBoundsException if the number does not lie in the mapping
   * @throws IllegalStateException if the mapping is closed
   * @throws MemremapException {@code EIO} if real memory went away; {@code ENOSPC} if simulated
   *     memory has run out of room
   */
  public long load(long offset, int widthBits) {
    MemorySegment segment = segment();
    try {
      return SegmentAccess.load(segment, offset, widthBits, bytes.backing());
    } catch (IndexOutOfBoundsException | IllegalStateException e) {
      throw AccessErrors.of(e, this, range, offset, widthBits / Byte.SIZE);
    }
  }

  /**
   * Stores a little-endian number.
   *
   * @param offset in bytes from the mapping's first byte; need not be aligned
   * @param widthBits 8, 16, 32 or 64
   * @param value the number; bits above its width are dropped
   * @throws IndexOutOfBoundsException if the number does not lie in the mapping
   * @throws IllegalStateException if the mapping is closed
   * @throws MemremapException as {@link #load}; {@code EACCES} if the mapping can only be read
   */
  public void store(long offset, int widthBits, long value) {
    MemorySegment segment = writable();
    try {
      SegmentAccess.store(segment, offset, widthBits, value, bytes.backing());
    } catch (IndexOutOfBoundsException | IllegalStateException e) {
      throw AccessErrors.of(e, this, range, offset, widthBits / Byte.SIZE);
    }
  }

  /**
   * Copies bytes out of the mapping; throws a typed error if its memory went away.
   *
   * @param offset of the first byte, in bytes from the mapping's first byte
   * @param to the destination; all of it is filled
   * @throws IndexOutOfBoundsException if the mapping does not hold that many bytes there
   * @throws IllegalStateException if the mapping is closed
   * @throws MemremapException as {@link #load}
   */
  public void copyTo(long offset, MemorySegment to) {
    Objects.requireNonNull(to, "to");
    copy(segment(), offset, to, 0, to.byteSize(), offset);
  }

  /**
   * Copies bytes into the mapping; throws a typed error if its memory went away. If this is a
   * {@linkplain #isTransformedView() transformed view}, call {@link #force()} to write them back.
   *
   * @param offset of the first byte, in bytes from the mapping's first byte
   * @param from the source; all of it is copied
   * @throws IndexOutOfBoundsException if the mapping does not hold that many bytes there
   * @throws IllegalStateException if the mapping is closed
   * @throws MemremapException as {@link #store}
   */
  public void copyFrom(long offset, MemorySegment from) {
    Objects.requireNonNull(from, "from");
    copy(from, 0, writable(), offset, from.byteSize(), offset);
  }

  /** Copies from or to this mapping, whose bytes begin at {@code offset}. */
  private void copy(
      MemorySegment from,
      long fromOffset,
      MemorySegment to,
      long toOffset,
      long size,
      long offset) {
    try {
      SegmentAccess.copy(from, fromOffset, to, toOffset, size, bytes.backing());
    } catch (IndexOutOfBoundsException e) {
      throw AccessErrors.of(e, this, range, offset, size);
    } catch (IllegalStateException e) {
      // the other segment may be the one that was closed
      throw bytes.segment().scope().isAlive() ? e : AccessErrors.closed(this, e);
    }
  }

  /**
   * Writes stored bytes to the media, and returns when they would survive a loss of power.
   *
   * <p>On persistent memory this writes back the processor's caches for exactly this range and
   * waits; on a file that the file system caches, it waits for the file system. On simulated memory
   * it does nothing.
   *
   * @param offset of the first byte, in bytes from the mapping's first byte
   * @param length in bytes; 0 persists nothing
   * @throws UnsupportedOperationException if that cannot be promised; the message says why, and
   *     what would help
   * @throws IndexOutOfBoundsException if the range does not lie in the mapping
   * @throws IllegalStateException if the mapping is closed
   * @throws MemremapException {@code EIO} if the media failed, or the memory went away
   */
  public void persist(long offset, long length) {
    MemorySegment segment = segment();
    try {
      Objects.checkFromIndexSize(offset, length, segment.byteSize());
    } catch (IndexOutOfBoundsException e) {
      throw AccessErrors.of(e, this, range, offset, length);
    }
    if (view != null) {
      view.persist(offset, length);
    } else if (length > 0) {
      SegmentAccess.raising(
          bytes.backing(), () -> bytes.backing().persist(segment, offset, length));
    }
  }

  /**
   * Waits until stores that bypassed the processor's caches have reached the media; {@link
   * #persist} does this by itself.
   *
   * @throws UnsupportedOperationException if that cannot be promised
   * @throws IllegalStateException if the mapping is closed
   */
  public void drain() {
    requireOpen();
    bytes.backing().drain();
  }

  /**
   * Writes what was stored through a {@linkplain #isTransformedView() transformed view} back to
   * memory, in blocks of 16 bytes that changed. On any other mapping, which is memory itself, it
   * does nothing.
   *
   * @throws IllegalStateException if the mapping is closed
   */
  public void force() {
    requireOpen();
    if (view != null) {
      view.force();
    }
  }

  /**
   * Unmaps the memory: {@code memunmap}. A second close does nothing. A slice of the direct map
   * stays mapped ({@link Rule#MU_1 MU-1}). A {@linkplain #isTransformedView() transformed view} is
   * written back first.
   *
   * @throws IllegalStateException if an I/O operation holds the memory; the mapping stays as it is,
   *     and can be closed later
   * @throws MemremapException if a transformed view could not be written back: {@code ENOSPC} if
   *     the system lacks room: the mapping stays as it is, and can be closed later; {@code EIO} if
   *     the memory went away: the mapping is closed, and what was stored since the last {@link
   *     #force()} is lost
   */
  @Override
  public void close() {
    if (region == null && unmanage == null) {
      OPEN.setRelease(this, false);
    } else {
      StackRoom.touch();
      closeOnce();
    }
  }

  private synchronized void closeOnce() {
    if (!open) {
      return;
    }
    Failures failures = new Failures();
    if (view != null) {
      try {
        view.force();
      } catch (MemremapException e) {
        if (e.errno() != Errno.EIO) {
          // room can be made, so nothing is given up
          throw e;
        }
        // the memory will not come back, and a close that waited for it would never end
        failures.add(
            new MemremapException(
                e.refusal()
                    .saying(
                        "%s is closed, and what was stored through it since its last force() is lost: %s"
                            .formatted(this, e.sentence())),
                e));
      }
    }
    failures.attempt(this::unmap);
    failures.rethrow();
  }

  private void unmap() {
    if (region != null) {
      region.close(this);
    }
    open = false;
    if (unmanage != null) {
      unmanage.run();
    }
    if (region != null) {
      Tracepoints.unmapped(range.start(), range.sizeBytes(), cacheMode().symbol());
    }
  }

  private MemorySegment writable() {
    MemorySegment segment = segment();
    if (segment.isReadOnly()) {
      throw new MemremapException(
          Errno.EACCES,
          Rule.LIB_6,
          "%s can only be read: %s was opened for reading, for want of permission to write"
              .formatted(this, backing()));
    }
    return segment;
  }

  private RemapPlan.Grant grant() {
    RemapPlan.Grant grant = plan.grant();
    if (grant == null) {
      throw new AssertionError("a mapping without a grant: " + plan);
    }
    return grant;
  }

  private void requireOpen() {
    if (!open) {
      throw AccessErrors.closed(this, null);
    }
  }

  /** Returns text such as {@code mapping 0x40000000-0x40000fff WC}. */
  @Override
  public String toString() {
    return "mapping %s %s%s".formatted(range, cacheMode(), isDirectMap() ? " (direct map)" : "");
  }

  /**
   * The mappings of a machine that are not closed yet: a stack linked through the mappings
   * themselves. Adding one is a single compare-and-set, since a slice of the direct map costs
   * little else, and closing one does not touch the stack: a sweep removes closed mappings after as
   * many additions as there were live mappings.
   *
   * <p>Thread safety: {@code newest} is changed by compare-and-set, which publishes a mapping with
   * its {@code older}. A sweep holds this object's lock and alone changes {@code older} of mappings
   * in the stack: it unlinks closed ones behind the newest, so readers, which walk without a lock,
   * see every live mapping. {@code added} is a guess that may lose additions.
   */
  static final class Live {
    private static final int NAMED = 10;
    private static final int FEWEST_TO_SWEEP = 64;
    private static final VarHandle NEWEST;

    static {
      try {
        NEWEST = MethodHandles.lookup().findVarHandle(Live.class, "newest", Mapping.class);
      } catch (ReflectiveOperationException e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    private volatile @Nullable Mapping newest;
    private int added;
    private int sweepAfter = FEWEST_TO_SWEEP;

    void add(Mapping mapping) {
      Mapping older;
      do {
        older = newest;
        mapping.older = older;
      } while (!NEWEST.compareAndSet(this, older, mapping));
      if (++added > sweepAfter) {
        sweep();
      }
    }

    private synchronized void sweep() {
      added = 0;
      int living = 0;
      Mapping kept = newest;
      while (kept != null) {
        Mapping older = kept.older;
        while (older != null && !older.isOpen()) {
          older = older.older;
        }
        kept.older = older;
        kept = older;
        living++;
      }
      sweepAfter = Math.max(FEWEST_TO_SWEEP, living);
    }

    /** As they are now, in no order. */
    Set<Mapping> all() {
      Set<Mapping> all = new HashSet<>();
      for (Mapping each = newest; each != null; each = each.older) {
        if (each.isOpen()) {
          all.add(each);
        }
      }
      return Set.copyOf(all);
    }

    /** Logs the mappings that are still open. */
    void warnOfLeaks() {
      Set<Mapping> leaked = all();
      if (leaked.isEmpty()) {
        return;
      }
      String names =
          leaked.stream()
              .limit(NAMED)
              .map(
                  mapping ->
                      mapping + mapping.madeAt().map(place -> ", made at " + place).orElse(""))
              .collect(Collectors.joining("; "));
      Log.warn(
          "the machine was closed with %s, closed now: %s%s"
              .formatted(
                  leaked.size() == 1 ? "1 live mapping" : leaked.size() + " live mappings",
                  names,
                  leaked.size() > NAMED ? "; and others" : ""));
    }
  }
}
