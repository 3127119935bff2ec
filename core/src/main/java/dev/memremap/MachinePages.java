// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.internal.pages.PagemapLife;
import dev.memremap.internal.pages.Pagemaps;
import dev.memremap.internal.space.AddressSpace;
import dev.memremap.internal.teardown.Patience;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.FailureOutcome;
import dev.memremap.page.Page;
import dev.memremap.page.PageMapping;
import dev.memremap.resource.Intersection;
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
abstract sealed class MachinePages extends MachineRegions permits Machine {
  final Pagemaps pagemaps;

  MachinePages(AddressSpace space, Pagemaps pagemaps) {
    super(space);
    this.pagemaps = pagemaps;
  }

  /** Returns the machine's page size in bytes: {@code PAGE_SIZE}. */
  public long pageSize() {
    return pagemaps.geometry().pageBytes();
  }

  /**
   * Holds the page map that covers a page: {@code get_dev_pagemap}, in the form that cannot be put
   * twice.
   *
   * <p>Takes a lock only for the first hold of a map, and allocates 24 bytes if the JVM compresses
   * references, else 32. It costs as much as {@link #getDevPagemap} and {@code put}, plus one
   * compare-and-set.
   *
   * @param pfn the page frame number; all 64 bits count ({@link Rule#D_12 D-12})
   * @return the hold, which the caller closes; null if no live map covers the page ({@link
   *     Rule#GP_3 GP-3})
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
   * <p>Takes a lock only for the first hold of a map and for the first use of a page's block of 2
   * MiB, and allocates as much as {@code lookup}.
   *
   * @param pfn the page frame number; all 64 bits count ({@link Rule#D_12 D-12})
   * @return the hold, which the caller closes; null if no live map covers the page ({@link
   *     Rule#GP_3 GP-3}), if an altmap sets it aside, or if it is free: a PRIVATE or COHERENT page
   *     that was not handed out, or a page whose references were all put
   * @throws IllegalStateException if the page has 262,143 holds already
   * @throws MemremapException {@code ENOMEM}, {@code ENOSPC} or {@code EFBIG} if the system lacks
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
   * Finds the page map that covers a page, and takes a reference to it that the caller puts ({@link
   * DevPagemap#put()}): {@code get_dev_pagemap}. Prefer {@link #lookup}: this is for hot loops and
   * for code ported from C, where one put too many in any code can free memory that others use.
   *
   * <p>Takes no lock and allocates nothing.
   *
   * @param pfn the page frame number; all 64 bits count ({@link Rule#D_12 D-12})
   * @param hint a map that an earlier lookup returned and the caller still holds, or null. If it
   *     covers the page, it is returned without another reference; else the caller's reference to
   *     it is put
   * @return null if no live map covers the page ({@link Rule#GP_3 GP-3})
   * @throws IllegalArgumentException if the hint was mapped on another machine ({@link Rule#C_18
   *     C-18}); its reference is not put
   */
  public @Nullable DevPagemap getDevPagemap(long pfn, @Nullable DevPagemap hint) {
    DevPagemap found = pagemaps.getDevPagemap(pfn, hint);
    if (found == null) {
      requireNotClosed();
    }
    return found;
  }

  /**
   * Puts a reference that {@link #getDevPagemap} took: {@code put_dev_pagemap}. Null is ignored.
   * One put too many can free memory that others use.
   *
   * @throws IllegalStateException as {@link DevPagemap#put()}
   */
  public void putDevPagemap(@Nullable DevPagemap map) {
    if (map != null) {
      map.put();
    }
  }

  /**
   * Returns the page of a page map with this number, without a reference to it: hold the map or the
   * page while you use it. A map that still drains has pages, too.
   *
   * @param pfn the page frame number
   * @return null if no page map has this page
   */
  public @Nullable Page page(long pfn) {
    requireNotClosed();
    return pagemaps.page(pfn);
  }

  /**
   * Returns the page with this number: {@code pfn_to_page}.
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

  /** Returns a page's number: {@code page_to_pfn}. */
  public long pageToPfn(Page page) {
    return Objects.requireNonNull(page, "page").pfn();
  }

  /**
   * Returns the zone of a page. A page exists if its 2 MiB subsection holds System RAM or is in a
   * page map.
   *
   * @param pfn the page frame number
   */
  public Page.Zone zone(long pfn) {
    if (page(pfn) != null) {
      return Page.Zone.DEVICE;
    }
    return isNearRam(pfn, pagemaps.geometry().subsectionBytes())
        ? Page.Zone.NORMAL
        : Page.Zone.NONE;
  }

  /** Whether System RAM is in the unit around a page, of so many bytes. */
  private boolean isNearRam(long pfn, long unit) {
    PageGeometry geometry = pagemaps.geometry();
    return geometry.isPfn(pfn)
        && regionIntersects(geometry.range(pfn, pfn).roundOutTo(unit)) != Intersection.DISJOINT;
  }

  /**
   * Handles broken device memory: {@code memory_failure}. It calls the map's callback first ({@link
   * Rule#MF_2 MF-2}); the generic handler marks pages as poisoned that a DAX file or device maps
   * ({@link Rule#MF_3 MF-3}): by {@link Page#mapping(PageMapping)}, or since their memory was
   * attached from it.
   *
   * @param pfn the first broken page
   * @param count how many pages, at least 1, all of one range of one map. The kernel's function
   *     takes one; here all of them need a mapping, and the first without one decides for all
   * @param flags the kernel's {@code MF_} flags, passed to the callback; with {@code
   *     MF_COUNT_INCREASED} (1) the caller's reference to the first page is put before anything
   *     else, and stays put even if this throws
   * @return what was done; {@code ENXIO} if no live map covers the pages, from Linux 6.19 on {@code
   *     EBUSY} if System RAM is not in the section of the first, either ({@link Rule#MF_1 MF-1});
   *     {@code EBUSY} if no DAX mapping covers one of them; {@code ENXIO} if they are left to their
   *     driver, with {@code kernel=5.10} {@code EBUSY}
   */
  public FailureOutcome memoryFailure(long pfn, long count, int flags) {
    requireNotClosed();
    boolean structured = page(pfn) != null || isNearRam(pfn, pagemaps.geometry().sectionBytes());
    return pagemaps.memoryFailure(pfn, structured, count, flags);
  }

  /**
   * Unmaps a page map: {@code memunmap_pages}. It kills the map's reference, so that lookups no
   * longer find it. If the map has its own reference, this waits until all others are put. If the
   * caller gave the reference, the caller waits: until then the map drains, its pages and memory
   * stay, and a new map there is {@code EEXIST} ({@link Rule#C_2 C-2}).
   *
   * <p>A thread that holds a reference to the map waits for itself, forever.
   *
   * @throws IllegalStateException if it is not mapped here, or if a device manages it ({@link
   *     Rule#D_5 D-5}); or if it could not end, since an I/O operation holds its memory or the heap
   *     was full: then call this again
   */
  public void memunmapPages(DevPagemap map) {
    pagemaps.memunmapPages(map, null, Patience.unlimited());
  }

  /**
   * Unmaps a page map, and waits for its holders at most {@code limit}: {@code memunmap_pages}.
   *
   * @param limit how long to wait; zero does not wait
   * @throws MemremapException {@code EBUSY} if it is still held when the limit has passed, naming
   *     the known holders ({@link DevPagemap#traceHolders}); the map is killed, and drains by
   *     itself
   */
  public void memunmapPages(DevPagemap map, Duration limit) {
    pagemaps.memunmapPages(map, null, Patience.upTo(Objects.requireNonNull(limit, "limit")));
  }

  /** Lists the page maps of this machine by ascending first page, including those that drain. */
  public List<DevPagemap> pagemaps() {
    requireNotClosed();
    return pagemaps.table().maps();
  }

  /**
   * Returns the page map that a page belongs to, without a reference to it: it may drain, or be
   * gone when you look at it. This is for tools; use {@link #lookup} otherwise.
   *
   * @param pfn the page frame number; all 64 bits count ({@link Rule#D_12 D-12})
   * @return null if no page map has this page
   */
  public @Nullable DevPagemap pagemapAt(long pfn) {
    requireNotClosed();
    return pagemaps.table().find(pfn);
  }

  Pagemaps maps() {
    return pagemaps;
  }
}
