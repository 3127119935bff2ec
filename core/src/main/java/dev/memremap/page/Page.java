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
 * A page of a page map: {@code struct page}. An instance is a view that holds no reference; two
 * views of one page are equal.
 *
 * <p>A page's count begins at 1, the map's own reference, for FS_DAX, GENERIC and PCI_P2PDMA; for
 * PRIVATE and COHERENT at 0, and {@link #zoneDeviceInit} hands it out. Each count beyond the map's
 * own holds one reference on the map, so a page that somebody uses keeps its map from draining
 * (D-4). Holds count, too, and no put drops them; once only holds are left, the page cannot be
 * taken, and the close of the last one frees it. The drop to zero frees the page (TY-4): {@code
 * page_free} is called; PRIVATE and COHERENT pages stay at 0 then, the others go back to 1; of an
 * FS_DAX page nobody is told, and it stays at 0.
 *
 * <p>The pages that an altmap sets aside have no structure (PG-5): they show a count of 1 and no
 * map, and cannot be taken.
 *
 * <p>Thread safety: immutable but for {@code counted}, found at its first use: two threads may find
 * it at once, and find the same; its own fields are final. Each method is atomic. Methods that
 * change the page take a reference on the map for as long as they run, so that none writes to a
 * page whose map is gone; only a put that leaves the page to another holder does without, for that
 * holder's reference keeps the map.
 */
public final class Page {
  /** The zone a page belongs to: {@code page_zone}. */
  public enum Zone {
    /** No page structure exists for it. */
    NONE,
    /** A subsection of 2 MiB that holds System RAM. */
    NORMAL,
    /** A page map's: {@code ZONE_DEVICE}. */
    DEVICE
  }

  private final PagemapLife life;
  private final LiveRange range;
  private final long pfn;
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

  /** The page frame number. */
  public long pfn() {
    return pfn;
  }

  /** The map it belongs to; null for a page that an altmap sets aside. */
  public @Nullable DevPagemap pgmap() {
    return isUsable() ? life.map() : null;
  }

  /** Whether it has a page structure of its own: an altmap does not set it aside. */
  public boolean isUsable() {
    return pfn >= range.firstUsablePfn();
  }

  /**
   * The page's own count: {@code page_ref_count}. A tail's is 0; references to a compound page are
   * counted at its head. When its map is gone, it is that of a fresh page.
   */
  public int refCount() {
    if (!isUsable()) {
      return 1;
    }
    return life.isOver() ? life.memmap().fresh(range, pfn) : life.memmap().count(range, pfn);
  }

  /**
   * Takes a reference, at the head of a compound page: {@code get_page}. The caller holds the page
   * or its map. One {@link #put} too many, by anyone, can free the page that others use; {@code
   * Machine.hold} holds it in a way that no put ends.
   *
   * @throws IllegalStateException if the page is free, set aside by an altmap, or its map is gone
   */
  public void get() {
    if (!tryGet()) {
      throw misuse("it cannot be taken: it is free, or its map is gone; look it up first");
    }
  }

  /**
   * Takes a reference unless the page is free, counts 33,554,431 of them, or its map is gone:
   * {@code get_page_unless_zero}.
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

  /** The same where there may be no memory yet to count in, nor room for any. */
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
   * page, and its callback runs before this returns. One put too many, by anyone, can free the page
   * that others use, unless they hold it by a {@code PageHold} (D-4).
   *
   * @throws IllegalStateException if there is none to drop, or its map is gone (D-5)
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

  /** The word that counts, where it can be kept; null else, and as long as it is untouched. */
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
   * Hands a free page out, with one reference: {@code zone_device_page_init} (TY-4). The map gains
   * a reference, where it does not hold the page's first one itself.
   *
   * @throws IllegalStateException if the page is not free, a tail, set aside by an altmap, or its
   *     map was killed
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
      if (!initialised || !life.type().isHandedOut()) {
        life.put(1);
      }
    }
    if (!initialised) {
      throw misuse("it cannot be handed out: it is in use");
    }
  }

  /** Log2 of the pages of the compound page it belongs to; 0 for a single page. */
  public int order() {
    return range.shift();
  }

  /** Whether it is the first page of a compound page. */
  public boolean isHead() {
    return range.shift() > 0 && isUsable() && range.headOf(pfn) == pfn;
  }

  /** Whether it is another page of a compound page than the first. */
  public boolean isTail() {
    return isUsable() && range.headOf(pfn) != pfn;
  }

  /** The first page of the compound page it belongs to: {@code compound_head}. */
  public Page head() {
    return isTail() ? new Page(life, range, range.headOf(pfn)) : this;
  }

  /**
   * The driver's word in the page structure: {@code zone_device_data}; 0 at first, and again when
   * the map is gone.
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

  /** Whether the page allocator must not have it: {@code PageReserved}; at first it must not. */
  public boolean isReserved() {
    return !has(pfn, PageWord.NOT_RESERVED);
  }

  /** Sets or clears {@code PageReserved}. */
  public void reserved(boolean reserved) {
    flag(pfn, PageWord.NOT_RESERVED, !reserved);
  }

  /** Whether the memory is known to be broken: {@code PageHWPoison}; noted at the head (MF-3). */
  public boolean isPoisoned() {
    return has(range.headOf(pfn), PageWord.POISONED);
  }

  /** Sets or clears {@code PageHWPoison} at the head. */
  public void poisoned(boolean poisoned) {
    flag(range.headOf(pfn), PageWord.POISONED, poisoned);
  }

  /**
   * The page's bytes, valid until the map has drained.
   *
   * @throws IllegalStateException if its map is gone, or PRIVATE, which no processor reaches
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
   * What an access of the processor to a PRIVATE page does: has the driver bring its contents back
   * (TY-5).
   *
   * @return empty for another type, which needs no such thing
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
    return Optional.ofNullable(outcome);
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

  /** {@code page 0x40000 of GENERIC page map …}. */
  @Override
  public String toString() {
    return "page 0x%x of %s".formatted(pfn, life.map());
  }
}
