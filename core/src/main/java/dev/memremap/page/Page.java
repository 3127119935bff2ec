// SPDX-License-Identifier: Apache-2.0
package dev.memremap.page;

import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.internal.pages.LiveRange;
import dev.memremap.internal.pages.PageWord;
import dev.memremap.internal.pages.PagemapLife;
import dev.memremap.internal.stack.StackRoom;
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
 * PRIVATE or COHERENT page starts at 0, until {@link #zoneDeviceInit} hands it out. Each further
 * reference also holds one on the map, so a page in use keeps its map from draining ({@link
 * Rule#D_4 D-4}). Holds count, too, and no put drops them; once only holds are left, the page
 * cannot be taken, and closing the last one frees it.
 *
 * <p>The drop to zero frees the page and calls {@code page_free}. PRIVATE and COHERENT pages then
 * stay at 0, GENERIC and PCI_P2PDMA pages go back to 1, or stay at 0 and a warning is logged if the
 * callback is missing. A free FS_DAX page stays at 0, without a call.
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
      kept = word.getUnlessZero();
      return kept;
    } finally {
      if (!kept) {
        // needs no more stack than the hold did
        life.put(1);
      }
    }
  }

  /** {@link #tryGet} for a page whose count may have no memory yet, nor room for any. */
  private boolean tryGetUntouched() {
    StackRoom.touch();
    if (!isUsable() || !life.get()) {
      return false;
    }
    boolean kept = false;
    try {
      kept = life.memmap().getUnlessZero(range, range.headOf(pfn));
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
      int count = word == null ? 0 : word.put();
      if (word == null || count == 0) {
        throw misuse("it cannot be put: no get of it is left, somebody put one too many");
      }
      if (Math.abs(count) > life.counts().fresh()) {
        toPut = 2;
      }
      if (count < 0) {
        life.free(range, head);
      }
    } catch (Throwable e) {
      failed = e;
    }
    life.putAfter(toPut, failed);
  }

  /**
   * Hands a free page out, with one reference: {@code zone_device_page_init}. The map gains a
   * reference, too, unless it holds the page's first one itself.
   *
   * @throws IllegalStateException if the page is not free, is a tail, is set aside by an altmap, or
   *     its map was killed
   */
  public void zoneDeviceInit() {
    StackRoom.touch();
    if (!isUsable() || isTail() || !life.getLive()) {
      throw misuse("it cannot be handed out: it is a tail, set aside, or its map was killed");
    }
    boolean initialised = false;
    try {
      initialised = life.memmap().word(range, pfn).compareAndSetCount(0, 1);
    } finally {
      if (!initialised || life.counts().fresh() != 0) {
        life.put(1);
      }
    }
    if (!initialised) {
      throw misuse("it cannot be handed out: it is in use");
    }
  }

  /** Returns log2 of how many pages its compound page has; 0 for a single page. */
  public int order() {
    return range.shift();
  }

  /** Returns whether it is the first page of a compound page. */
  public boolean isHead() {
    return range.shift() > 0 && isUsable() && range.headOf(pfn) == pfn;
  }

  /** Returns whether it is a page of a compound page, but not the first. */
  public boolean isTail() {
    return isUsable() && range.headOf(pfn) != pfn;
  }

  /** Returns the first page of its compound page: {@code compound_head}. */
  public Page head() {
    return isTail() ? new Page(life, range, range.headOf(pfn)) : this;
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
    return has(range.headOf(pfn), PageWord.POISONED);
  }

  /** Sets or clears {@code PageHWPoison} at the head. */
  public void poisoned(boolean poisoned) {
    flag(range.headOf(pfn), PageWord.POISONED, poisoned);
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
  public Optional<PagemapOps.MigrateToRam.Outcome> migrateToRam() {
    PagemapOps.MigrateToRam callback = life.map().ops().migrateToRam();
    if (life.type() != MemoryType.PRIVATE || callback == null) {
      return Optional.empty();
    }
    StackRoom.touch();
    if (!life.get()) {
      throw misuse("its map is gone");
    }
    PagemapOps.MigrateToRam.Outcome outcome = null;
    Throwable failed = null;
    try {
      outcome = broughtBack(callback);
    } catch (Throwable e) {
      failed = e;
    }
    life.putAfter(1, failed);
    return Objects.requireNonNull(outcome).answer();
  }

  private PagemapOps.MigrateToRam.Outcome broughtBack(PagemapOps.MigrateToRam callback) {
    PagemapOps.MigrateToRam.Outcome outcome = callback.migrateToRam(this);
    if (outcome == null) {
      throw new IllegalStateException(
          "the migrate_to_ram of %s returned null; it returns MIGRATED, SIGBUS or OOM [%s]"
              .formatted(life.map(), Rule.D_5.id()));
    }
    return outcome;
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
