// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import dev.memremap.cache.CacheMode;
import dev.memremap.internal.space.MappedRegion;
import dev.memremap.internal.space.Provenance;
import dev.memremap.internal.stack.StackRoom;
import dev.memremap.internal.teardown.Failures;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.page.Page;
import dev.memremap.page.PagemapOps;
import dev.memremap.ref.PercpuRef;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import dev.memremap.spi.MappedBytes;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * A page map from its mapping until it has drained. Mapped again, it begins another life.
 *
 * <pre>
 *   MAPPED ──► UNMAPPING ──► DRAINING ──► OVER
 *      ▲            │            │          ▲
 *      └────────────┘            └─► HELD ──┘
 *    the kill was refused          an I/O operation holds the memory, or the heap is full
 * </pre>
 *
 * <p>Thread safety: what it was made with is final. {@code segments} and {@code mapped} are guarded
 * by {@code this}. {@code phase} is volatile. It is changed under the lock of {@link Pagemaps}, but
 * for the end of UNMAPPING, which is a compare-and-set of the one thread that unmaps. OVER is set
 * before the reference can come to life again for another map, so a lookup that took a reference
 * after finding this life in an old snapshot sees it. {@code untracked} is guarded by that lock,
 * too. {@code whyHeld} is written before HELD is, and {@code madeAt} before the life is published.
 */
public final class PagemapLife extends LifeHolds {
  // not a VarHandle: its first use allocates (linking), and the phase must be reset even when the
  // heap is full
  private static final AtomicReferenceFieldUpdater<LifeHolds, LifePhase> PHASE =
      AtomicReferenceFieldUpdater.newUpdater(LifeHolds.class, LifePhase.class, "phase");

  private final DevPagemap map;
  private final MemoryType type;
  private final PageCounts counts;
  private final boolean ownsRef;
  private final List<LiveRange> ranges;
  private final long ownReferences;
  private final Memmap memmap;
  private final @Nullable Object manager;
  private final Home home;
  private final @Nullable MemorySegment[] segments;
  private @Nullable MappedRegion mapped;
  private final CountDownLatch settled = new CountDownLatch(1);
  private int untracked;
  private @Nullable Throwable whyHeld;
  private @Nullable Provenance madeAt;

  /** The page maps of the machine that a life belongs to. */
  public interface Home {
    /** What the machine's kernel does with the counts of a type's pages. */
    PageCounts counts(MemoryType type);

    /** Where page structures lie that no altmap holds. */
    Vmemmap vmemmap();

    /** A region to map the memory of one life in. */
    MappedRegion region();

    /** The last reference is gone: called by the thread that put it. */
    void drained(PagemapLife life);

    /** A page's last reference was dropped. */
    void pageFreed(Page page, boolean hasCallback);
  }

  PagemapLife(
      Home home, DevPagemap map, PagemapLayout layout, PercpuRef ref, @Nullable Object manager) {
    super(ref);
    this.home = home;
    this.map = map;
    this.type = map.type().orElseThrow();
    this.counts = home.counts(type);
    this.ownsRef = map.ref().isEmpty();
    this.ranges = layout.ranges();
    this.ownReferences = layout.references(counts);
    this.manager = manager;
    this.segments = new @Nullable MemorySegment[ranges.size()];
    this.memmap = new Memmap(home.vmemmap(), layout, counts, this::mapMore);
  }

  public DevPagemap map() {
    return map;
  }

  public MemoryType type() {
    return type;
  }

  /** What the counts of its pages do. */
  public PageCounts counts() {
    return counts;
  }

  public boolean ownsRef() {
    return ownsRef;
  }

  public List<LiveRange> ranges() {
    return ranges;
  }

  public Memmap memmap() {
    return memmap;
  }

  public Home home() {
    return home;
  }

  /** The device that manages it; null if none does. */
  public @Nullable Object manager() {
    return manager;
  }

  public long firstPfn() {
    return ranges.getFirst().firstPfn();
  }

  public long ownReferences() {
    return ownReferences;
  }

  /** Remembers where it was mapped; called before other threads see it. */
  void rememberPlace() {
    madeAt = Provenance.here();
  }

  /** Where it was mapped, innermost frame first; empty if its machine does not trace that. */
  public List<String> madeAt() {
    return Provenance.lines(madeAt);
  }

  /** How many references and holds are out that others took. */
  public long outsideReferences() {
    long own = isUnmapped() ? 0 : ownReferences;
    return references() - own;
  }

  /**
   * Lives by the reference from now on, with the references of its own.
   *
   * @throws MemremapException {@code EINVAL} if the reference is dying, and then nothing was taken
   */
  void attach() {
    if (!attach(ownReferences)) {
      throw new MemremapException(
          Errno.EINVAL,
          Rule.C_1,
          "memremap_pages of %s: the reference it was given was killed meanwhile".formatted(map));
    }
  }

  /** Takes {@link #attach()} back: the map was not mapped. */
  void undoAttach() {
    undoAttach(ownReferences);
  }

  /** The next range whose memory type was not given back yet; null if none is left. */
  @Nullable LiveRange tracked() {
    return untracked < ranges.size() ? ranges.get(untracked) : null;
  }

  /** The memory type of the range that {@link #tracked} answered was given back. */
  void untracked() {
    untracked++;
  }

  /** Gives its own references back; the life drains when the last other one is put. */
  void detach() {
    detach(ownReferences);
  }

  /** Takes a reference unless the life is over, or drained and about to be. */
  public boolean get() {
    return ref().tryGet() && isStillMine();
  }

  /** Takes a reference unless the map was killed: what a lookup does (GP-3). */
  public boolean getLive() {
    return ref().tryGetLive() && isStillMine();
  }

  /** A caller's reference may have come to life again for another map since. */
  private boolean isStillMine() {
    if (isOver()) {
      ref().put();
      return false;
    }
    return true;
  }

  public @Nullable LiveRange rangeOf(long pfn) {
    // by index, for an iterator would be an object for each hold of a page
    for (int i = 0; i < ranges.size(); i++) {
      if (ranges.get(i).contains(pfn)) {
        return ranges.get(i);
      }
    }
    return null;
  }

  /** A view of a page that one of the ranges has. */
  public Page page(long pfn) {
    return Objects.requireNonNull(PagemapAccess.access().page(this, pfn));
  }

  /**
   * TY-4: what becomes of a page whose last reference was dropped, or whose last hold closed.
   *
   * @param head a single page, or the first of a compound one; allocated before the reference is
   *     dropped, since the heap may be full afterwards
   * @param order log2 of how many pages the hand-out had that ends; 0 otherwise
   */
  public void free(LiveRange range, Page head, int order) {
    memmap.endHandOut(head.pfn(), order);
    switch (counts.atFree()) {
      case STAYS -> {}
      case IS_FRESH -> memmap.renew(range, head.pfn());
      case IS_FREED -> freeByCallback(range, head);
    }
  }

  private void freeByCallback(LiveRange range, Page head) {
    PagemapOps.PageFree callback = map.ops().pageFree();
    home.pageFreed(head, callback != null);
    if (callback == null) {
      return;
    }
    memmap.mapping(range, head.pfn(), null);
    try {
      callback.pageFree(head);
    } finally {
      if (counts.keptFresh() > 0) {
        // a driver that handed the page out again in its callback has set the count itself
        memmap.renew(range, head.pfn());
      }
    }
  }

  /**
   * Takes the map's own reference off each page, where the kernel's unmapping does (row 31). A page
   * that its driver got (row 29) counts as a free one then if it has one other reference, and its
   * driver is told; for others nothing is allocated. What a callback throws keeps no other page
   * from it.
   */
  void putPages(Failures failures) {
    if (!counts.putByUnmapping()) {
      return;
    }
    memmap.putUntouched();
    for (int i = 0; i < ranges.size(); i++) {
      LiveRange range = ranges.get(i);
      long pfn = memmap.touchedFrom(range, range.firstUsablePfn());
      while (pfn <= range.lastPfn()) {
        try {
          if (memmap.putOwn(range, pfn)) {
            free(range, page(pfn), 0);
          }
        } catch (Throwable e) {
          failures.add(e);
        }
        pfn = memmap.touchedFrom(range, pfn + 1);
      }
    }
  }

  /** Holds the map and a page of it, unless the page is free or an altmap sets it aside. */
  public boolean holdPage(long pfn) {
    StackRoom.touchSome();
    if (!hold()) {
      return false;
    }
    boolean held = false;
    try {
      LiveRange range = rangeOf(pfn);
      held = range != null && pfn >= range.firstUsablePfn() && memmap.hold(range, pfn);
      return held;
    } finally {
      if (!held) {
        unhold();
      }
    }
  }

  /**
   * The page that would be free if a hold of it ended now: the head of its compound page; null if
   * something else keeps it.
   */
  public @Nullable Page soleHeld(long pfn) {
    LiveRange range = Objects.requireNonNull(rangeOf(pfn));
    long head = memmap.headOf(range, pfn);
    return memmap.isSoleHold(range, head) ? page(head) : null;
  }

  /**
   * Ends a hold of a page; where that leaves no reference to the page, it is freed. Nothing is
   * allocated, for a full heap would keep the map's hold.
   *
   * @param soleHeld what {@link #soleHeld} said before
   */
  public void unholdPage(long pfn, @Nullable Page soleHeld) {
    LiveRange range = Objects.requireNonNull(rangeOf(pfn));
    long head = memmap.headOf(range, pfn);
    Throwable failed = null;
    try {
      int ended = memmap.unhold(range, head);
      if (ended >= 0) {
        // made only now if the others went meanwhile
        free(range, soleHeld == null ? page(head) : soleHeld, ended);
      }
    } catch (Throwable e) {
      failed = e;
    }
    try {
      unhold();
    } catch (Throwable e) {
      failed = Failures.join(failed, e);
    }
    Failures.rethrow(failed);
  }

  /** The memory of a range, mapped when it is first asked for. */
  public synchronized MemorySegment segment(int index) {
    MemorySegment there = segments[index];
    if (there != null) {
      return there;
    }
    LiveRange range = ranges.get(index);
    MemorySegment fresh =
        type.isMapped()
            ? map(range.range(), range.mode()).segment()
            : MemorySegment.ofAddress(range.range().start()).asReadOnly();
    segments[index] = fresh;
    return fresh;
  }

  /** Maps further memory, until the life is over. */
  private synchronized MappedBytes mapMore(PhysRange range) {
    return map(range, CacheMode.WB);
  }

  private MappedBytes map(PhysRange range, CacheMode mode) {
    if (isOver()) {
      throw new IllegalStateException(map + " has drained, and its memory is unmapped");
    }
    MappedRegion in = mapped;
    if (in == null) {
      in = home.region();
      mapped = in;
    }
    return in.map(range, mode, mode);
  }

  /**
   * Unmaps the memory.
   *
   * @throws IllegalStateException if an I/O operation holds it; nothing changed then
   */
  public synchronized void unmapMemory() {
    MappedRegion in = mapped;
    if (in != null) {
      in.unmap(map);
    }
  }

  /** What a user sees of it. */
  public DevPagemap.State state() {
    return switch (phase) {
      case MAPPED, UNMAPPING -> ref().isDying() ? DevPagemap.State.KILLED : DevPagemap.State.LIVE;
      case DRAINING -> DevPagemap.State.DRAINING;
      case HELD -> DevPagemap.State.HELD;
      case OVER -> DevPagemap.State.UNMAPPED;
    };
  }

  /** Whether its unmapping has begun. */
  public boolean isUnmapped() {
    return phase != LifePhase.MAPPED;
  }

  /** Begins the unmapping. */
  public void unmapping() {
    phase = LifePhase.UNMAPPING;
  }

  /** The unmapping could not kill the reference: the map stays as it is. */
  public void stayMapped() {
    PHASE.compareAndSet(this, LifePhase.UNMAPPING, LifePhase.MAPPED);
  }

  /** The unmapping has killed the reference: from then on no lookup finds the map. */
  public void draining() {
    PHASE.compareAndSet(this, LifePhase.UNMAPPING, LifePhase.DRAINING);
  }

  /** Whether the life is over. */
  public boolean isOver() {
    return phase == LifePhase.OVER;
  }

  public void over() {
    phase = LifePhase.OVER;
    settled.countDown();
  }

  /** The references are gone, but the life could not end. */
  public void held(Throwable why) {
    whyHeld = why;
    phase = LifePhase.HELD;
    settled.countDown();
  }

  /** Why the life could not end; null if it is over, or goes on. */
  public @Nullable Throwable whyHeld() {
    return phase == LifePhase.HELD ? whyHeld : null;
  }

  /**
   * Checks that a map is unmapped by its manager.
   *
   * @param candidate the device that it is unmapped through; null for none
   * @throws IllegalStateException if that is another one (D-5)
   */
  void requireManager(@Nullable Object candidate) {
    if (!Objects.equals(manager, candidate)) {
      throw PagemapSentences.misuse(
          map,
          manager == null
              ? "no device manages it; unmap it through the machine"
              : "%s manages it; unmap it through that device, or release the device"
                  .formatted(manager));
    }
  }

  /**
   * Says why the life could not end.
   *
   * @throws IllegalStateException if it drained, and is held
   */
  void requireNotHeld() {
    Throwable why = whyHeld();
    if (why != null) {
      throw new IllegalStateException(
          PagemapSentences.isHeldByIo(why)
              ? why.getMessage()
              : PagemapSentences.inVain(this, manager, why),
          why);
    }
  }

  /** Its machine closes: threads that wait for the end of the life go on. */
  public void stopWaiting() {
    settled.countDown();
  }

  /** Opened when the life is over, or cannot end, or its machine closes. */
  public CountDownLatch settled() {
    return settled;
  }

  @Override
  public void drained() {
    home.drained(this);
  }

  @Override
  public String toString() {
    return map.toString();
  }
}
