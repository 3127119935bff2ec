// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import static dev.memremap.internal.pages.PagemapAccess.access;
import static dev.memremap.internal.pages.PagemapSentences.foreign;
import static dev.memremap.internal.pages.PagemapSentences.misuse;

import dev.memremap.internal.geometry.PageGeometry;
import dev.memremap.internal.space.AddressSpace;
import dev.memremap.internal.space.MappedRegion;
import dev.memremap.internal.stack.StackRoom;
import dev.memremap.internal.teardown.Failures;
import dev.memremap.internal.teardown.Patience;
import dev.memremap.machine.MemmapGeometry;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.FailureOutcome;
import dev.memremap.page.MemoryType;
import dev.memremap.page.Page;
import dev.memremap.page.VmemAltmap;
import dev.memremap.plan.PagemapPlan;
import dev.memremap.ref.PercpuRef;
import dev.memremap.rule.MemremapException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes, finds and ends the page maps of one machine. The machine passes its calls on to this; its
 * Javadoc has the promises.
 *
 * <pre>
 *   made:    plan, memory types reserved, memory mapped, reference attached, published
 *   undone:  killed, lookups fail; references drained; memory unmapped, erased, memory types freed, exited
 * </pre>
 *
 * <p>Thread safety: {@code changing} is held while a map is made or ended, so checks and changes
 * are one step; inside it, memory types are checked and reserved in one step of the address space,
 * so that no memremap comes between. No callback of a user runs under either. Lookups take no lock.
 */
public final class Pagemaps implements PagemapLife.Home {
  private final AddressSpace space;
  private final Vmemmap vmemmap;
  private final PagemapTable table;
  private final PagemapPlans plans;
  private final Warnings warnings = new Warnings();
  private final Object changing = new Object();
  private final boolean tracing;
  private volatile boolean closing;

  /**
   * The page maps of a machine.
   *
   * @param memmap the size of page structures
   * @param tracing whether every map traces its origin and its holders
   */
  public Pagemaps(AddressSpace space, MemmapGeometry memmap, boolean tracing) {
    MemmapLayout layout = MemmapLayout.of(memmap, space.platform().architecture());
    this.space = space;
    this.tracing = tracing;
    this.table = new PagemapTable(space.geometry());
    this.vmemmap = new Vmemmap(space.quota(), layout);
    this.plans = new PagemapPlans(space, table, memmap, layout);
  }

  /** Which map covers which page. */
  public PagemapTable table() {
    return table;
  }

  /** What the machine counts in. */
  public PageGeometry geometry() {
    return space.geometry();
  }

  @Override
  public PageCounts counts(MemoryType type) {
    return PageCounts.of(type, space.platform().kernel());
  }

  @Override
  public Vmemmap vmemmap() {
    return vmemmap;
  }

  @Override
  public MappedRegion region() {
    return space.region();
  }

  // ---- making ------------------------------------------------------------------------------

  /**
   * What {@link #memremapPages} would do.
   *
   * @throws IllegalStateException if it is mapped already or still drains (D-5)
   */
  public PagemapPlan plan(DevPagemap map) {
    return plans.plan(map);
  }

  /**
   * Maps a page map.
   *
   * @param manager the device that manages it; null if none does
   */
  public MemorySegment memremapPages(DevPagemap map, @Nullable Object manager) {
    StackRoom.touch();
    PagemapLife life;
    MemorySegment segment;
    synchronized (changing) {
      PercpuRef ref = map.ref().orElseGet(PercpuRef::init);
      PlannedMap planned = plans.reserve(map);
      planned.plan().orThrow();
      life = plans.life(this, map, planned.layout(), ref, manager);
      segment = establish(life, planned.layout());
    }
    PagemapWatch.step("registered", life);
    return segment;
  }

  private MemorySegment establish(PagemapLife life, PagemapLayout layout) {
    DevPagemap map = life.map();
    boolean attached = false;
    try {
      MemorySegment segment = life.segment(0);
      life.attach();
      attached = true;
      if (tracing) {
        life.rememberPlace();
      }
      if (tracing || access().isTracing(map)) {
        life.trace(true);
      }
      @Nullable Object[] withLife = table.with(life);
      // nothing fails from here on
      VmemAltmap altmap = access().validAltmap(map);
      VmemAltmap.Used after = layout.altmapAfter();
      if (altmap != null && after != null) {
        AltmapShare share = layout.share();
        access().hold(altmap, after, share == null ? 0 : share.pages());
      }
      access().begin(map, life, this);
      table.publish(withLife);
      return segment;
    } catch (RuntimeException | Error e) {
      if (attached) {
        life.undoAttach();
      }
      life.unmapMemory();
      plans.untrack(life.ranges());
      throw e;
    }
  }

  // ---- undoing -----------------------------------------------------------------------------

  /**
   * Unmaps a page map.
   *
   * @param manager the device that it is unmapped through; null for none
   * @param patience how long to wait for the holders of an internal reference
   */
  public void memunmapPages(DevPagemap map, @Nullable Object manager, Patience patience) {
    unmap(map, manager, patience, false);
  }

  /**
   * Unmaps a page map that a device manages. One that was unmapped already and drains is waited
   * for, and one that is gone is passed over.
   *
   * @param patience how long to wait for the holders of an internal reference
   */
  public void releasePages(DevPagemap map, Object manager, Patience patience) {
    if (map.manager().filter(manager::equals).isPresent()) {
      unmap(map, manager, patience, true);
    }
  }

  private void unmap(
      DevPagemap map, @Nullable Object manager, Patience patience, boolean mayDrain) {
    StackRoom.touch();
    Failures failures = new Failures();
    PagemapLife life = begin(map, manager, mayDrain, failures);
    if (life != null) {
      await(life, patience, failures);
    }
    failures.rethrow();
  }

  /** Unmaps what a device manages and has a reference of its own, without waiting. */
  public void kill(Object manager) {
    Failures failures = new Failures();
    for (PagemapLife life : table.lives()) {
      if (manager.equals(life.manager()) && life.ownsRef()) {
        try {
          begin(life.map(), manager, true, failures);
        } catch (Throwable e) {
          failures.add(e);
        }
      }
    }
    failures.rethrow();
  }

  /**
   * Kills a map's reference and lets the map go, without waiting. What a user's release callback
   * throws does not keep the map.
   *
   * @param mayDrain whether it may have been unmapped already
   * @return the life that ends; null if none, or if it goes on since it could not be killed
   */
  private @Nullable PagemapLife begin(
      DevPagemap map, @Nullable Object manager, boolean mayDrain, Failures failures) {
    PagemapLife life;
    LongConsumer killed;
    synchronized (changing) {
      life = access().life(Objects.requireNonNull(map, "map"));
      if (life == null && mayDrain) {
        return null;
      }
      if (life == null || life.home() != this) {
        throw misuse(map, "it is not mapped here; there is nothing to unmap");
      }
      life.requireManager(manager);
      killed = warnings.ofKill(life);
      if (!life.isUnmapped()) {
        life.unmapping();
      } else if (life.whyHeld() != null) {
        finish(life);
        return life;
      } else if (mayDrain) {
        return life;
      } else {
        throw misuse(map, "it was unmapped already, and drains");
      }
    }
    return drains(life, killed, failures) ? life : null;
  }

  /**
   * Kills the reference of a life whose unmapping begins, and lets the life go. Nothing is
   * allocated: a full heap would leave the life between the two.
   */
  private boolean drains(PagemapLife life, LongConsumer killed, Failures failures) {
    try {
      life.killReference(killed);
    } catch (Throwable e) {
      failures.add(e);
    }
    if (!life.ref().isDying()) {
      // nothing was killed, for the system refused the barrier: the map is as it was
      life.stayMapped();
      return false;
    }
    PagemapWatch.step("killed", life);
    life.draining();
    life.putPages(failures);
    try {
      life.detach();
    } catch (Throwable e) {
      failures.add(e);
    }
    return true;
  }

  private void await(PagemapLife life, Patience patience, Failures failures) {
    warnings.sayQueued();
    if (life.isOver()) {
      return;
    }
    if (life.ownsRef() && !closing) {
      failures.attempt(() -> PagemapHolders.await(life, patience));
    }
    failures.attempt(life::requireNotHeld);
  }

  @Override
  public void drained(PagemapLife life) {
    PagemapWatch.step("drained", life);
    synchronized (changing) {
      finish(life);
    }
    warnings.sayQueued();
    Throwable why = life.whyHeld();
    if (why == null) {
      PagemapWatch.step("released", life);
    } else {
      warnings.drainedInVain(life, why);
    }
  }

  /**
   * Ends a life. Memory first: if that cannot be unmapped, or a memory type cannot be given back,
   * or the map cannot be erased, the rest stays as it is while a map drains, and the end can be
   * tried again. After that each step runs, whatever becomes of the others.
   */
  private void finish(PagemapLife life) {
    if (life.isOver()) {
      return;
    }
    try {
      life.unmapMemory();
      plans.untrack(life);
      table.erase(life);
    } catch (RuntimeException | Error e) {
      life.held(e);
      return;
    }
    try {
      giveAltmapBack(life);
    } finally {
      access().end(life.map());
      life.over();
      if (life.ownsRef()) {
        life.exit();
      }
    }
  }

  private void giveAltmapBack(PagemapLife life) {
    AltmapShare share = life.memmap().share();
    VmemAltmap altmap = access().validAltmap(life.map());
    if (altmap == null || share == null) {
      return;
    }
    access().giveBack(altmap, share.pages());
    if (altmap.alloc() != 0) {
      warnings.altmapNotEmpty(life);
    }
  }

  /**
   * Tries once more to end what has drained and could not end, since an I/O operation held its
   * memory (LIB-4) or the heap was full.
   *
   * @param manager whose maps; null for all
   * @throws IllegalStateException naming one that is still held
   */
  public void retryHeld(@Nullable Object manager) {
    StackRoom.touch();
    Failures failures = new Failures();
    synchronized (changing) {
      for (PagemapLife life : table.lives()) {
        if (life.whyHeld() != null && (manager == null || manager.equals(life.manager()))) {
          finish(life);
          failures.attempt(life::requireNotHeld);
        }
      }
    }
    warnings.sayQueued();
    failures.rethrow();
  }

  /**
   * Ends: kills and unmaps all maps, without waiting for their holders. Those that are held drain
   * on, and keep their memory until they are put (D-4). All are killed even if one fails.
   *
   * @throws IllegalStateException if a map has drained and could not end; this may be called again
   */
  public void close() {
    closing = true;
    Failures failures = new Failures();
    // made while nothing is unmapped yet, for the heap may be full afterwards
    Runnable closesStructures = vmemmap::close;
    Runnable retries = () -> retryHeld(null);
    for (PagemapLife life : table.lives()) {
      if (!life.isUnmapped()) {
        warnings.leaked(life);
        try {
          unmapForClose(life, failures);
        } catch (Throwable e) {
          failures.add(e);
        }
      }
    }
    warnings.drainOn(table);
    failures.attempt(closesStructures);
    failures.attempt(retries);
    failures.rethrow();
  }

  /**
   * Unmaps what no device manages, before a close that waits.
   *
   * @param patience how long to wait for the holders of all of it
   * @throws MemremapException {@code EBUSY} if some is still held then; it drains on
   */
  public void unmapUnmanaged(Patience patience) {
    Failures failures = new Failures();
    List<PagemapLife> ending = new ArrayList<>();
    for (PagemapLife life : table.lives()) {
      if (life.manager() == null && !life.isUnmapped()) {
        warnings.leaked(life);
        try {
          PagemapLife ends = begin(life.map(), null, true, failures);
          if (ends != null) {
            ending.add(ends);
          }
        } catch (Throwable e) {
          failures.add(e);
        }
      }
    }
    ending.forEach(life -> await(life, patience, failures));
    failures.rethrow();
  }

  /** Unmaps a map that was made while its machine closed, if the close did not see it. */
  public void undo(DevPagemap map) {
    PagemapLife life = access().life(map);
    if (life != null && life.home() == this) {
      Failures failures = new Failures();
      unmapForClose(life, failures);
      failures.rethrow();
    }
  }

  /** Unmaps without waiting. What I/O holds is said at the end of the close. */
  private void unmapForClose(PagemapLife life, Failures failures) {
    LongConsumer killed = warnings.ofKill(life);
    synchronized (changing) {
      if (life.isUnmapped()) {
        return; // another thread unmapped it meanwhile
      }
      life.unmapping();
    }
    drains(life, killed, failures);
    warnings.sayQueued();
  }

  /**
   * From now on no unmapping waits, and those that wait go on.
   *
   * <p>An unmapping looks at {@code closing} before it waits, and the latch it waits at is opened
   * here after that is set, so one of the two sees the other.
   */
  public void beginClose() {
    closing = true;
    table.lives().forEach(PagemapLife::stopWaiting);
  }

  @Override
  public void pageFreed(Page page, boolean hasCallback) {
    if (!hasCallback) {
      warnings.freedInVain(page);
    }
    PagemapWatch.freed(page);
  }

  // ---- finding -----------------------------------------------------------------------------

  /** GP-1 to GP-3: the map that covers a page, with a reference to it. */
  public @Nullable DevPagemap getDevPagemap(long pfn, @Nullable DevPagemap hint) {
    if (hint != null) {
      if (access().home(hint) != this) {
        throw foreign(hint);
      }
      if (access().covers(hint, pfn)) {
        return hint;
      }
      hint.put();
    }
    PagemapLife life = table.lifeAt(pfn);
    if (life != null && life.getLive()) {
      return life.map();
    }
    PagemapWatch.missed(pfn);
    return null;
  }

  /**
   * The life whose map covers a page, held, wherever a lookup would find the map; null elsewhere.
   *
   * @param page whether the page is held, too
   */
  public @Nullable PagemapLife hold(long pfn, boolean page) {
    PagemapLife life = table.lifeAt(pfn);
    if (life != null && (page ? life.holdPage(pfn) : life.hold())) {
      return life;
    }
    PagemapWatch.missed(pfn);
    return null;
  }

  /** The page with this number; null if no map has it. */
  public @Nullable Page page(long pfn) {
    PagemapLife life = table.lifeAt(pfn);
    return life == null ? null : access().page(life, pfn);
  }

  /** MF-1: broken memory, whose first page may have a structure. */
  public FailureOutcome memoryFailure(long pfn, boolean structured, long count, int flags) {
    return new MemoryFailures(space).report(table.lifeAt(pfn), structured, pfn, count, flags);
  }
}
