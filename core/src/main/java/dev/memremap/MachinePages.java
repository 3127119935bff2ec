// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.internal.pages.PagemapLife;
import dev.memremap.internal.pages.Pagemaps;
import dev.memremap.internal.teardown.Patience;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.FailureOutcome;
import dev.memremap.page.Page;
import dev.memremap.resource.Intersection;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The functions of a machine that look up page maps and their pages, and unmap them. They need
 * nothing of the machine but its page maps, so they have a file of their own.
 *
 * <p>Thread safety: all methods may be called from any thread; {@code pagemaps} is thread-safe.
 */
abstract sealed class MachinePages permits Machine {
  final Pagemaps pagemaps;

  MachinePages(Pagemaps pagemaps) {
    this.pagemaps = pagemaps;
  }

  /** The machine's page size in bytes: {@code PAGE_SIZE}. */
  public long pageSize() {
    return pagemaps.geometry().pageBytes();
  }

  /** How a range lies to System RAM. */
  abstract Intersection toSystemRam(PhysRange range);

  /**
   * LIB-5: what has closed answers no more. A machine that closes answers until it has.
   *
   * @throws IllegalStateException if the machine is closed
   */
  abstract void requireNotClosed();

  /**
   * Holds the page map that covers a page: {@code get_dev_pagemap}, in the form that cannot be put
   * twice.
   *
   * <p>Takes no lock, but for the first hold of a map, and allocates 24 bytes where the JVM
   * compresses references, else 32. It costs what {@link #getDevPagemap} and {@code put} cost, and
   * one compare-and-set.
   *
   * @param pfn the page frame number; all 64 bits count (D-12)
   * @return the hold, to be closed; null if no live map covers the page (GP-3)
   */
  public @Nullable Lookup lookup(long pfn) {
    // made before the map is held: making it needs room in the heap
    Lookup lookup = new Lookup(pfn);
    PagemapLife life = pagemaps.hold(pfn, false);
    if (life == null) {
      requireNotClosed();
      return null;
    }
    lookup.holds(life);
    return lookup;
  }

  /**
   * Holds a page and its map: {@link #lookup} and {@code get_page}, in the form that cannot be put
   * twice.
   *
   * <p>Takes no lock, but for the first hold of a map and the first use of a page's block of 2 MiB,
   * and allocates what {@code lookup} does.
   *
   * @param pfn the page frame number; all 64 bits count (D-12)
   * @return the hold, to be closed; null if no live map covers the page (GP-3), an altmap sets it
   *     aside, or it is free: a PRIVATE or COHERENT page that was not handed out, or one whose
   *     references were all put
   * @throws IllegalStateException if 262,143 holds of the page are out
   * @throws MemremapException {@code ENOMEM}, {@code ENOSPC} or {@code EFBIG} if the system has no
   *     room for the page's structure; nothing is held then
   */
  public @Nullable PageHold hold(long pfn) {
    PageHold hold = new PageHold(pfn);
    PagemapLife life = pagemaps.hold(pfn, true);
    if (life == null) {
      requireNotClosed();
      return null;
    }
    hold.holds(life);
    return hold;
  }

  /**
   * The page map that covers a page, with a reference to it that the caller puts ({@link
   * DevPagemap#put()}): {@code get_dev_pagemap}. It is for hot loops and for code that was ported
   * from C: one put too many, by anyone, can free memory that others use. Prefer {@link #lookup}.
   *
   * <p>Takes no lock and allocates nothing.
   *
   * @param pfn the page frame number; all 64 bits count (D-12)
   * @param hint a map that an earlier lookup found, and that the caller holds, or null. If it
   *     covers the page it comes back as it is, without another reference (GP-1); if it does not,
   *     the caller's reference to it is put (GP-2)
   * @return null if no live map covers the page (GP-3)
   * @throws IllegalArgumentException if the hint was mapped on another machine (C-18); its
   *     reference is not put
   */
  public @Nullable DevPagemap getDevPagemap(long pfn, @Nullable DevPagemap hint) {
    DevPagemap found = pagemaps.getDevPagemap(pfn, hint);
    if (found == null) {
      requireNotClosed();
    }
    return found;
  }

  /**
   * Puts a reference that {@link #getDevPagemap} took: {@code put_dev_pagemap}. Null is ignored
   * (GP-5). One put too many can free memory that others use.
   *
   * @throws IllegalStateException as {@link DevPagemap#put()}
   */
  public void putDevPagemap(@Nullable DevPagemap map) {
    if (map != null) {
      map.put();
    }
  }

  /**
   * The page of a page map with this number, without a reference to it: hold the map, or the page,
   * while it is used. Null where no page map is. Pages of a map that still drains are there.
   *
   * @param pfn the page frame number
   */
  public @Nullable Page page(long pfn) {
    requireNotClosed();
    return pagemaps.page(pfn);
  }

  /**
   * The page with this number: {@code pfn_to_page}.
   *
   * @throws MemremapException {@code ENXIO} if no page map has it
   */
  public Page pfnToPage(long pfn) {
    Page page = page(pfn);
    if (page == null) {
      throw new MemremapException(
          Errno.ENXIO, Rule.GP_3, "no page map has page 0x%x; look it up first".formatted(pfn));
    }
    return page;
  }

  /** A page's number: {@code page_to_pfn}. */
  public long pageToPfn(Page page) {
    return Objects.requireNonNull(page, "page").pfn();
  }

  /**
   * What zone a page is in: a page exists where its 2 MiB subsection holds System RAM or is mapped.
   *
   * @param pfn the page frame number
   */
  public Page.Zone zone(long pfn) {
    if (page(pfn) != null) {
      return Page.Zone.DEVICE;
    }
    PageGeometry geometry = pagemaps.geometry();
    if (!geometry.isPfn(pfn)) {
      return Page.Zone.NONE;
    }
    PhysRange subsection = geometry.range(pfn, pfn).roundOutTo(geometry.subsectionBytes());
    return toSystemRam(subsection) == Intersection.DISJOINT ? Page.Zone.NONE : Page.Zone.NORMAL;
  }

  /**
   * Handles broken device memory: {@code memory_failure} (MF-1 to MF-4). The map's callback is
   * asked first; the generic handler marks the pages poisoned.
   *
   * @param pfn the first broken page
   * @param count how many pages, at least 1, all of one range of one map
   * @param flags the kernel's {@code MF_} flags, passed to the callback; with {@code
   *     MF_COUNT_INCREASED} (1) the caller's reference to the first page is put
   * @return what was done; {@code ENXIO} where no live map covers it
   */
  public FailureOutcome memoryFailure(long pfn, long count, int flags) {
    requireNotClosed();
    return pagemaps.memoryFailure(pfn, count, flags);
  }

  /**
   * Takes a page map apart: {@code memunmap_pages}. Its reference is killed, so that no lookup
   * finds it; with a reference of its own this waits until everybody has put theirs. With a
   * caller's reference it does not wait: the caller does (W-8), and until then the map drains, its
   * pages and memory stay, and a new map there is {@code EEXIST} (C-2).
   *
   * <p>A thread that holds a reference to the map itself waits for itself.
   *
   * @throws IllegalStateException if it is not mapped here, or a device manages it (D-5); or if it
   *     could not end, since an I/O operation holds its memory or the heap was full, and then this
   *     may be called again
   */
  public void memunmapPages(DevPagemap map) {
    pagemaps.memunmapPages(map, null, Patience.unlimited());
  }

  /**
   * Unmaps a page map, and waits for its holders no longer than a limit: {@code memunmap_pages}.
   *
   * @param limit how long to wait; zero does not wait
   * @throws MemremapException {@code EBUSY} if it is still held when the limit has passed, naming
   *     the holders that are known ({@link DevPagemap#traceHolders}); the map was killed then, and
   *     drains by itself
   */
  public void memunmapPages(DevPagemap map, Duration limit) {
    pagemaps.memunmapPages(map, null, Patience.upTo(Objects.requireNonNull(limit, "limit")));
  }

  /** The page maps of this machine by their first pages, ascending; draining ones included. */
  public List<DevPagemap> pagemaps() {
    requireNotClosed();
    return pagemaps.table().maps();
  }

  /**
   * The page map that a page belongs to, without a reference to it: it may be draining, or gone by
   * the time it is looked at. Tools look here; others use {@link #getDevPagemap}.
   *
   * @param pfn the page's number; all 64 bits count (D-12)
   * @return null if there is none
   */
  public @Nullable DevPagemap pagemapAt(long pfn) {
    requireNotClosed();
    return pagemaps.table().find(pfn);
  }

  Pagemaps maps() {
    return pagemaps;
  }
}
