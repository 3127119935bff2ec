// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.internal.pages.MemmapLayout;
import dev.memremap.machine.MachineDescription;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Reserves room in a device's own memory for its page structures: {@code struct vmem_altmap}.
 *
 * <pre>
 *   basePfn
 *   | reserve: the driver's own | align | alloc: page structures | free, not used | usable pages …
 *   |&lt;------------------------ offset = reserve + free --------------------------&gt;|
 * </pre>
 *
 * <p>Thread safety: all methods may be called from any thread; align and alloc read from one {@link
 * Used} belong together.
 */
public final class VmemAltmap {
  private final long basePfn;
  private final long reserve;
  private final long free;
  // An immutable record behind a volatile field; it is replaced under this object's lock, so
  // readers see align and alloc that belong together. The lock also guards held.
  private volatile Used used = new Used(0, 0);

  private long held;

  /**
   * What was taken so far, in pages.
   *
   * @param align pages skipped to align what was taken
   * @param alloc pages that hold page structures
   */
  public record Used(long align, long alloc) {}

  /**
   * A piece of an altmap that can be taken.
   *
   * @param pfn its first page
   * @param after what is used once the piece is taken
   */
  public record Piece(long pfn, Used after) {
    /** Checks the parts. */
    public Piece {
      Objects.requireNonNull(after, "after");
    }
  }

  /**
   * Makes an altmap, with nothing used yet.
   *
   * @param basePfn the first page of the range it belongs to
   * @param reserve pages at its start that are the driver's own, unsigned
   * @param free pages after those that page structures may take, unsigned
   */
  public VmemAltmap(long basePfn, long reserve, long free) {
    this.basePfn = basePfn;
    this.reserve = reserve;
    this.free = free;
  }

  /**
   * Returns the smallest {@code free} with which an altmap holds all page structures of a range,
   * including pages skipped to align them; rounded up so that whole compound pages are left to use.
   *
   * @param reserve pages at the start of the range that are the driver's own
   * @param machine the machine that maps it, which decides the sizes of pages and page structures
   * @param vmemmapShift log2 of how many pages a compound page has
   */
  public static long freeFor(
      PagemapRange range, long reserve, MachineDescription machine, int vmemmapShift) {
    Objects.requireNonNull(range, "range");
    Objects.requireNonNull(machine, "machine");
    MemmapLayout layout = MemmapLayout.of(machine);
    long first = layout.pages().pfn(range.start());
    long need = layout.altmapPages(first, layout.pages().pages(range.sizeBytes()));
    if (need != 0) {
      need += -(first + reserve) & (layout.altmapAlignPages() - 1);
    }
    long compound = vmemmapShift >= 0 && vmemmapShift < 32 ? 1L << vmemmapShift : 1;
    return need + (-(reserve + need) & (compound - 1));
  }

  /** Returns the first page's number. */
  public long basePfn() {
    return basePfn;
  }

  /** Returns how many pages at the start are the driver's own; they are never touched. */
  public long reserve() {
    return reserve;
  }

  /** Returns how many pages after those are set aside for page structures. */
  public long free() {
    return free;
  }

  /**
   * Returns how many pages were skipped to align what was taken; they are never given back ({@link
   * Rule#AM_5 AM-5}).
   */
  public long align() {
    return used.align;
  }

  /** Returns how many pages hold page structures now. */
  public long alloc() {
    return used.alloc;
  }

  /**
   * Returns how many pages from the base on are not usable: reserve and all of free, taken or not:
   * {@code vmem_altmap_offset}.
   */
  public long offset() {
    return reserve + free;
  }

  /** Returns whether {@link #offset} is at least this many pages; it may have overflowed. */
  public boolean takesAllOf(long pages) {
    return Long.compareUnsigned(reserve, pages) >= 0
        || Long.compareUnsigned(free, pages - reserve) >= 0;
  }

  /** Returns whether {@link #offset} is more than this many pages; it may have overflowed. */
  public boolean takesMoreThan(long pages) {
    return Long.compareUnsigned(reserve, pages) > 0
        || Long.compareUnsigned(free, pages - reserve) > 0;
  }

  /** Returns the number of the next page to take. */
  public long nextPfn() {
    return nextPfn(used);
  }

  /** Returns how many pages are left to take. */
  public long nrFree() {
    return nrFree(used);
  }

  private long nextPfn(Used at) {
    return basePfn + reserve + at.alloc + at.align;
  }

  private long nrFree(Used at) {
    long taken = at.alloc + at.align;
    return Long.compareUnsigned(free, taken) > 0 ? free - taken : 0;
  }

  Used used() {
    return used;
  }

  synchronized void use(Used next) {
    used = next;
  }

  /**
   * Has a live page map's structures hold pages of it, until they are given back.
   *
   * @param next what is used with them
   * @param pages how many they take
   */
  synchronized void hold(Used next, long pages) {
    used = next;
    held += pages;
  }

  /** Gives back pages that page structures have held until now. */
  synchronized void giveBack(long pages) {
    held -= pages;
    free(pages);
  }

  /**
   * Takes pages for page structures, aligned to the largest power of two that divides their number:
   * {@code altmap_alloc_block_buf}.
   *
   * @param sizeBytes a multiple of the page size, at least one page
   * @param pageBytes the machine's page size, a power of two
   * @return the first page's number; empty, with nothing changed, if too few pages are left or the
   *     size is not a multiple of the page size
   * @throws IllegalArgumentException if the page size is not a power of two
   */
  public synchronized OptionalLong alloc(long sizeBytes, long pageBytes) {
    long pages = sizeBytes >>> PageGeometry.shift(pageBytes);
    if (pages == 0 || (sizeBytes & (pageBytes - 1)) != 0) {
      return OptionalLong.empty();
    }
    Piece piece = place(used, pages, Long.lowestOneBit(pages));
    if (piece == null) {
      return OptionalLong.empty();
    }
    used = piece.after;
    return OptionalLong.of(piece.pfn);
  }

  /**
   * Returns where this many pages would lie; null if too few are left.
   *
   * @param alignPages a power of two
   */
  public @Nullable Piece place(Used from, long pages, long alignPages) {
    Objects.requireNonNull(from, "from");
    long next = nextPfn(from);
    long pad = -next & (alignPages - 1);
    long left = nrFree(from);
    if (Long.compareUnsigned(pages, left) > 0 || Long.compareUnsigned(pad, left - pages) > 0) {
      return null;
    }
    return new Piece(next + pad, new Used(from.align + pad, from.alloc + pages));
  }

  /**
   * Gives pages back: {@code vmem_altmap_free}, except those that were skipped to align ({@link
   * Rule#AM_5 AM-5}).
   *
   * @throws MemremapException {@code EINVAL} if fewer were taken; nothing changes then
   * @throws IllegalStateException if the structures of a live page map lie in some of them ({@link
   *     Rule#D_5 D-5}); nothing changes then
   */
  public synchronized void free(long pages) {
    if (Long.compareUnsigned(pages, used.alloc) > 0) {
      throw new MemremapException(
          Errno.EINVAL,
          Rule.AM_5,
          "the altmap has %s pages in use, and %s cannot be given back"
              .formatted(Long.toUnsignedString(used.alloc), Long.toUnsignedString(pages)));
    }
    if (Long.compareUnsigned(pages, used.alloc - held) > 0) {
      throw new IllegalStateException(
          "%s: %s pages cannot be given back: %s hold the structures of a live page map; unmap that first [%s]"
              .formatted(this, Long.toUnsignedString(pages), held, Rule.D_5.id()));
    }
    used = new Used(used.align, used.alloc - pages);
  }

  @Override
  public String toString() {
    return "altmap(base=0x%x reserve=%s free=%s align=%s alloc=%s)"
        .formatted(
            basePfn,
            Long.toUnsignedString(reserve),
            Long.toUnsignedString(free),
            Long.toUnsignedString(used.align),
            Long.toUnsignedString(used.alloc));
  }
}
