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
 * Room in a device's own memory for the page structures that describe it: {@code struct
 * vmem_altmap}.
 *
 * <pre>
 *   basePfn
 *   | reserve: the driver's own | align | alloc: page structures | free, not used | usable pages …
 *   |&lt;------------------------ offset = reserve + free --------------------------&gt;|
 * </pre>
 *
 * <p>Thread safety: {@code used} is an immutable record behind a volatile field; changes are made
 * under this object's lock, so readers see align and alloc that belong together. {@code held} is
 * guarded by {@code this}.
 */
public final class VmemAltmap {
  private final long basePfn;
  private final long reserve;
  private final long free;
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
   * Where a piece lies, and what is used then.
   *
   * @param pfn its first page
   * @param after what is used with it
   */
  public record Piece(long pfn, Used after) {
    /** Checks the parts. */
    public Piece {
      Objects.requireNonNull(after, "after");
    }
  }

  /**
   * An altmap of which nothing is used.
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
   * The smallest {@code free} with which an altmap holds all page structures of a range: what they
   * take, and what is skipped to align them (C-8, AM-7); rounded up so that whole compound pages
   * are left to use.
   *
   * @param reserve pages at the start of the range that are the driver's own
   * @param machine whose pages and page structures are meant
   * @param vmemmapShift the range has compound pages of 2^vmemmapShift pages
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

  /** The first page's number. */
  public long basePfn() {
    return basePfn;
  }

  /** Pages at the start that are the driver's own; never touched. */
  public long reserve() {
    return reserve;
  }

  /** Pages after those that are set aside for page structures. */
  public long free() {
    return free;
  }

  /** Pages that were skipped to align what was taken; never given back (AM-5). */
  public long align() {
    return used.align;
  }

  /** Pages that hold page structures now. */
  public long alloc() {
    return used.alloc;
  }

  /**
   * How many pages from the base on have no usable page structure: reserve and all of free, taken
   * or not: {@code vmem_altmap_offset} (AM-2).
   */
  public long offset() {
    return reserve + free;
  }

  /** Whether {@link #offset} is more than so many pages, or as many; it may have overflowed. */
  public boolean takesAllOf(long pages) {
    return Long.compareUnsigned(reserve, pages) >= 0
        || Long.compareUnsigned(free, pages - reserve) >= 0;
  }

  /** Whether {@link #offset} is more than so many pages. */
  public boolean takesMoreThan(long pages) {
    return Long.compareUnsigned(reserve, pages) > 0
        || Long.compareUnsigned(free, pages - reserve) > 0;
  }

  /** The next page to take (AM-3). */
  public long nextPfn() {
    return nextPfn(used);
  }

  /** How many pages are left to take (AM-3). */
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
   * {@code altmap_alloc_block_buf} (AM-4).
   *
   * @param sizeBytes a multiple of the page size, at least that
   * @param pageBytes the machine's page size, a power of two
   * @return the first page's number; empty if there is no room or the size is none of whole pages,
   *     and then nothing changed
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
   * AM-4: where so many pages would lie; null if there is no room.
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
   * Gives pages back: {@code vmem_altmap_free} (AM-5). What was skipped for alignment is not.
   *
   * @throws MemremapException {@code EINVAL} if so many were not taken; nothing changes then
   * @throws IllegalStateException if the structures of a live page map lie in some of them (D-5);
   *     nothing changes then
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
