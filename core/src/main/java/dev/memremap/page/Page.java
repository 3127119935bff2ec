// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.internal.pages.HandOuts;
import dev.memremap.internal.pages.LiveRange;
import dev.memremap.internal.pages.Memmap;
import dev.memremap.internal.pages.PageWord;
import dev.memremap.internal.pages.PagemapLife;
import dev.memremap.internal.stack.StackRoom;
import dev.memremap.page.PagemapOps.MigrateToRam.Outcome;
import dev.memremap.rule.Rule;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A view of one page of a page map: {@code struct page}. The view holds no reference; two views of
 * one page are equal.
 *
 * <p>The count of an FS_DAX, GENERIC or PCI_P2PDMA page starts at 1, the map's own reference. A
 * PRIVATE or COHERENT page starts at 0, until {@link #zoneDeviceInit} hands it out, from Linux 6.19
 * on with as many others as it asks for. Each further reference also holds one on the map, so a
 * page in use keeps its map from draining ({@link Rule#D_4 D-4}). Holds count, too, and no put
 * drops them; once only holds are left, the page cannot be taken, and closing the last one frees
 * it.
 *
 * <p>The drop to zero frees the page and calls {@code page_free}. PRIVATE and COHERENT pages then
 * stay at 0, GENERIC and PCI_P2PDMA pages go back to 1, or stay at 0 and a warning is logged if the
 * callback is missing. A free FS_DAX page stays at 0, without a call.
 *
 * <p>With {@code kernel=5.10} a PRIVATE page starts at 1, and is handed out by a get: its count is
 * 2 then, and the drop to 1 frees it. The unmapping takes the map's own reference off there, of a
 * page of any type: one that is free counts 0 from then on. Of a PRIVATE page with one other
 * reference it calls {@code page_free}, and the last put does not.
 *
 * <p>Pages that an altmap sets aside have no structure: they show a count of 1 and no map, and
 * cannot be taken.
 *
 * <p>Thread safety: all methods may be called from any thread, and each is atomic.
 */
public final class Page {
  /** The zone a page belongs to: {@code page_zone}. */
  public enum Zone {
    /** No page structure exists for it. */
    NONE,
    /** A subsection of 2 MiB that holds System RAM. */
    NORMAL,
    /** A page of a page map: {@code ZONE_DEVICE}. */
    DEVICE
  }

  private final PagemapLife life;
  private final LiveRange range;
  private final long pfn;

  // Everything but this is final. Methods that change the page hold a reference on the map while
  // they run, so that none writes to a page whose map is gone. A put that leaves the page to
  // another holder needs none, since that holder's reference keeps the map.
  private @Nullable PageWord counted;

  private Page(PagemapLife life, LiveRange range, long pfn) {
    this.life = life;
    this.range = range;
    this.pfn = pfn;
  }

  static @Nullable Page of(PagemapLife life, long pfn) {
    LiveRange range = life.rangeOf(pfn);
    return range == null ? null : new Page(life, range, pfn);
  }

  /** Returns the page frame number. */
  public long pfn() {
    return pfn;
  }

  /** Returns its map; null for a page that an altmap sets aside. */
  public @Nullable DevPagemap pgmap() {
    return isUsable() ? life.map() : null;
  }

  /** Returns whether it has a page structure: false if an altmap sets it aside. */
  public boolean isUsable() {
    return pfn >= range.firstUsablePfn();
  }

  /**
   * Returns the page's own count: {@code page_ref_count}. A tail has 0, since references to a
   * compound page count at its head. Once its map is gone, this is the count of a fresh page.
   */
  public int refCount() {
    if (!isUsable()) {
      return 1;
    }
    return life.isOver() ? life.memmap().fresh(range, pfn) : life.memmap().count(range, pfn);
  }

  /**
   * Takes a reference, at the head of a compound page: {@code get_page}. The caller already holds
   * the page or its map. One {@link #put} too many in any code can free a page that others use; a
   * hold of {@code Machine.hold} is safe from that.
   *
   * @throws IllegalStateException if the page is free, set aside by an altmap, or its map is gone
   */
  public void get() {
    if (!tryGet()) {
      throw misuse("it cannot be taken: it is free, or its map is gone; look it up first");
    }
  }

  /**
   * Takes a reference and returns true, unless the page is free, has 33,554,431 references, or its
   * map is gone: {@code get_page_unless_zero}.
   */
  public boolean tryGet() {
    PageWord word = counted();
    if (word == null) {
      return tryGetUntouched();
    }
    // the reference taken to look at the page is kept for its new count
    if (!life.get()) {
      return false;
    }
    boolean kept = false;
    try {
      kept = word.getUnlessZero() || getOfFolio();
      return kept;
    } finally {
      if (!kept) {
        // needs no more stack than the hold did
        life.put(1);
      }
    }
  }

  /** Takes a reference at the head of a hand-out that this is a tail of. The map is held. */
  private boolean getOfFolio() {
    Memmap memmap = life.memmap();
    return memmap.handsOutFolios(range)
        && memmap.headOf(range, pfn) != pfn
        && memmap.getUnlessZero(range, pfn);
  }

  /** {@link #tryGet} for a page whose count may have no memory yet, nor room for any. */
  private boolean tryGetUntouched() {
    StackRoom.touch();
    if (!isUsable() || !life.get()) {
      return false;
    }
    boolean kept = false;
    try {
      kept = life.memmap().getUnlessZero(range, pfn);
      return kept;
    } finally {
      if (!kept) {
        life.put(1);
      }
    }
  }

  /**
   * Drops a reference, at the head of a compound page: {@code put_page}. The drop to zero frees the
   * page, and its callback runs before this returns. One put too many in any code can free a page
   * that others use, unless they hold it by a {@code PageHold} ({@link Rule#D_4 D-4}).
   *
   * @throws IllegalStateException if no reference is left, or its map is gone ({@link Rule#D_5
   *     D-5})
   */
  public void put() {
    PageWord word = counted();
    // the last put of a map that drains ends it, so it comes to the careful way
    if (word != null && !life.isUnmapped() && word.putAnother()) {
      life.ref().put();
    } else {
      putHoldingMap();
    }
  }

  /**
   * The word that counts, where it can be kept; else null, as while it is untouched. Computed
   * lazily; racing threads compute equal values.
   */
  private @Nullable PageWord counted() {
    PageWord known = counted;
    if (known == null && isUsable()) {
      // a tail of a hand-out counts zero, and then the careful way finds its head, which changes
      known = life.memmap().lastingWord(range, range.headOf(pfn));
      counted = known;
    }
    return known;
  }

  /** A put that may free the page, or must not be: the map is held until that is done. */
  private void putHoldingMap() {
    StackRoom.touch();
    if (!isUsable() || !life.get()) {
      throw misuse("it cannot be put: its map is gone, or an altmap sets it aside");
    }
    long toPut = 1;
    Throwable failed = null;
    try {
      Page head = head();
      PageWord word = life.memmap().wordInUse(range, head.pfn);
      long before = word == null ? PageWord.NOT_PUT : word.put();
      if (word == null || before == PageWord.NOT_PUT) {
        throw misuse("it cannot be put: no get of it is left, somebody put one too many");
      }
      toPut += PageWord.heldBefore(before);
      if (word.isFreedBy(before)) {
        life.free(range, head, PageWord.orderBefore(before));
      }
    } catch (Throwable e) {
      failed = e;
    }
    life.putAfter(toPut, failed);
  }

  /**
   * Hands a free page out, with one reference: {@code zone_device_page_init}, a get on 5.10. The
   * map gains a reference, too, unless it holds the page's first one itself.
   *
   * @throws IllegalStateException if the page is not free, is a tail, is set aside by an altmap, or
   *     its map was killed
   */
  public void zoneDeviceInit() {
    zoneDeviceInit(range.shift());
  }

  /**
   * Hands free pages out as one, with one reference, which counts at this page: {@code
   * zone_device_page_init} since Linux 6.19. The map gains a reference for each page. When the last
   * reference is put, {@code folio_free} is called once, with this page, and the others are free by
   * themselves. Of two calls at once whose pages overlap, one succeeds at most.
   *
   * @param order log2 of how many pages, 0 to 31. They begin at a multiple of their number, and are
   *     of one range of the map
   * @throws IllegalArgumentException if {@code order} is outside 0 to 31, or the pages do not begin
   *     at a multiple of their number, or are not all of one range
   * @throws IllegalStateException if one of them is not free, is set aside by an altmap, or the map
   *     was killed; if the machine's kernel or a map of another type hands out single pages alone;
   *     or if the map has compound pages of another order ({@link Rule#D_5 D-5})
   */
  public void zoneDeviceInit(int order) {
    StackRoom.touch();
    HandOuts handOuts = new HandOuts(life.memmap(), range);
    handOuts.require(this, pfn, order);
    if (!isUsable() || isTail() || !life.getLive()) {
      throw misuse("it cannot be handed out: it is a tail, set aside, or its map was killed");
    }
    long held = 1;
    boolean initialised = false;
    try {
      long wanted = handOuts.references(order);
      if (wanted > 1) {
        life.ref().getMany(wanted - 1);
        held = wanted;
      }
      initialised = handOuts.handOut(pfn, order);
    } finally {
      if (!initialised || life.counts().keptFresh() != 0) {
        life.put(held);
      }
    }
    if (!initialised) {
      throw misuse("it cannot be handed out with order %d: it is in use".formatted(order));
    }
  }

  /**
   * Splits a hand-out of several pages into smaller ones of one order, each with one reference:
   * {@code folio_split} of a device's folio, since Linux 6.19. The caller has the only reference.
   * Calls {@code folio_split} of the map's callbacks for each new hand-out but the first.
   *
   * @param order log2 of how many pages each has, less than that of this one
   * @throws IllegalArgumentException if {@code order} is negative, or not less than {@link #order}
   * @throws IllegalStateException if it is no hand-out of several pages, or has another reference
   *     or a hold, or its map is gone ({@link Rule#D_5 D-5}); then nothing changed
   */
  public void folioSplit(int order) {
    StackRoom.touch();
    int old = order();
    if (order < 0 || order >= old) {
      throw new IllegalArgumentException(
          "%s has order %d, and is split to a lower one, 0 or more, not %d"
              .formatted(this, old, order));
    }
    if (!isUsable() || !life.get()) {
      throw misuse("it cannot be split: its map is gone");
    }
    Throwable failed = null;
    try {
      Page first = head();
      new HandOuts(life.memmap(), range).split(this, first.pfn, old, order);
      first.tellOfSplit(old, order);
    } catch (Throwable e) {
      failed = e;
    }
    life.putAfter(1, failed);
  }

  private void tellOfSplit(int old, int order) {
    PagemapOps.FolioSplit callback = life.map().ops().folioSplit();
    if (callback != null) {
      for (long part = pfn + (1L << order); part < pfn + (1L << old); part += 1L << order) {
        callback.folioSplit(this, new Page(life, range, part));
      }
    }
  }

  /**
   * Returns log2 of how many pages its compound page or hand-out has: {@code folio_order}; 0 for a
   * single page. A page keeps the order of its last hand-out until it is handed out again.
   */
  public int order() {
    return isUsable() && !life.isOver() ? life.memmap().order(range, pfn) : range.shift();
  }

  /** Returns whether it is the first page of a compound page. */
  public boolean isHead() {
    return order() > 0 && isUsable() && headPfn() == pfn;
  }

  /** Returns whether it is a page of a compound page, but not the first. */
  public boolean isTail() {
    return isUsable() && headPfn() != pfn;
  }

  /**
   * Returns the first page of its compound page or hand-out: {@code compound_head}. Without a
   * reference, that of a hand-out may be another at once.
   */
  public Page head() {
    long head = isUsable() ? headPfn() : pfn;
    return head == pfn ? this : new Page(life, range, head);
  }

  private long headPfn() {
    return life.isOver() ? range.headOf(pfn) : life.memmap().headOf(range, pfn);
  }

  /**
   * Returns the driver's word in the page structure: {@code zone_device_data}; 0 at first, and
   * again once the map is gone.
   */
  public long zoneDeviceData() {
    requireUsable();
    return life.isOver() ? 0 : life.memmap().data(range, pfn);
  }

  /** Sets the driver's word. */
  public void zoneDeviceData(long value) {
    holdToChange();
    try {
      life.memmap().data(range, pfn, value);
    } finally {
      life.put(1);
    }
  }

  /**
   * Returns what the page is mapped by, kept at the head: {@code page->mapping}; null at first, and
   * again once its driver is told that it is free, or its map is gone.
   */
  public @Nullable PageMapping mapping() {
    return isUsable() && !life.isOver() ? life.memmap().mapping(range, pfn) : null;
  }

  /**
   * Sets what the page is mapped by, or null: a memory failure needs it ({@link Rule#MF_3 MF-3}).
   *
   * @throws IllegalStateException if its map is gone, an altmap sets it aside, or it is PCI_P2PDMA
   */
  public void mapping(@Nullable PageMapping mapping) {
    holdToChange();
    try {
      if (mapping != null && life.type() == MemoryType.PCI_P2PDMA) {
        throw misuse("a PCI_P2PDMA page has no mapping");
      }
      life.memmap().mapping(range, pfn, mapping);
    } finally {
      life.put(1);
    }
  }

  /** Returns whether the page allocator must not use it: {@code PageReserved}; true at first. */
  public boolean isReserved() {
    return !has(pfn, PageWord.NOT_RESERVED);
  }

  /** Sets or clears {@code PageReserved}. */
  public void reserved(boolean reserved) {
    flag(pfn, PageWord.NOT_RESERVED, !reserved);
  }

  /**
   * Returns whether the memory is known to be broken: {@code PageHWPoison}, kept at the head
   * ({@link Rule#MF_3 MF-3}).
   */
  public boolean isPoisoned() {
    return has(headPfn(), PageWord.POISONED);
  }

  /** Sets or clears {@code PageHWPoison} at the head. */
  public void poisoned(boolean poisoned) {
    flag(headPfn(), PageWord.POISONED, poisoned);
  }

  /**
   * Returns the page's bytes, valid until the map has drained.
   *
   * @throws IllegalStateException if its map is gone, or PRIVATE, since no processor reaches it
   */
  public MemorySegment segment() {
    if (!life.type().isMapped()) {
      throw misuse("a PRIVATE page cannot be reached by the processor");
    }
    if (life.isOver()) {
      throw misuse("its map is gone");
    }
    MemorySegment whole = life.segment(life.ranges().indexOf(range));
    PageGeometry geometry = range.geometry();
    return whole.asSlice(geometry.address(pfn) - range.range().start(), geometry.pageBytes());
  }

  /**
   * Does what a processor's access to a PRIVATE page does: has the driver move its contents back to
   * System RAM.
   *
   * @return empty for a page of another type
   * @throws IllegalStateException if its map is gone
   */
  public Optional<Outcome> migrateToRam() {
    PagemapOps.MigrateToRam callback = life.map().ops().migrateToRam();
    if (life.type() != MemoryType.PRIVATE || callback == null) {
      return Optional.empty();
    }
    StackRoom.touch();
    if (!life.get()) {
      throw misuse("its map is gone");
    }
    Outcome outcome = null;
    Throwable failed = null;
    try {
      outcome = Outcome.of(callback.migrateToRam(this), life.map());
    } catch (Throwable e) {
      failed = e;
    }
    life.putAfter(1, failed);
    return Objects.requireNonNull(outcome).answer();
  }

  private boolean has(long of, long flag) {
    return isUsable() && !life.isOver() && life.memmap().has(range, of, flag);
  }

  private void flag(long of, long flag, boolean set) {
    holdToChange();
    try {
      life.memmap().word(range, of).flag(flag, set);
    } finally {
      life.put(1);
    }
  }

  private void holdToChange() {
    StackRoom.touch();
    requireUsable();
    if (!life.get()) {
      throw misuse("its map is gone");
    }
  }

  private void requireUsable() {
    if (!isUsable()) {
      throw misuse("the altmap sets it aside, so it has no page structure");
    }
  }

  private IllegalStateException misuse(String why) {
    return new IllegalStateException("%s: %s [%s]".formatted(this, why, Rule.D_5.id()));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Page page && page.pfn == pfn && page.life == life;
  }

  @Override
  public int hashCode() {
    return Objects.hash(life, pfn);
  }

  /** Returns text such as {@code page 0x40000 of GENERIC page map …}. */
  @Override
  public String toString() {
    return "page 0x%x of %s".formatted(pfn, life.map());
  }
}
