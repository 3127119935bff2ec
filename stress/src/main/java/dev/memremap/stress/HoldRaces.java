// SPDX-License-Identifier: Apache-2.0
package dev.memremap.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.memremap.Lookup;
import dev.memremap.Machine;
import dev.memremap.PageHold;
import dev.memremap.machine.MachineDescription;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.page.PagemapOps;
import dev.memremap.ref.PercpuRef;
import dev.memremap.resource.PhysRange;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * What may happen to a hold while others close it, put, or kill the map's reference.
 *
 * <p>At stake are two compare-and-sets and one order. {@code PagemapHold.close} changes {@code
 * life} by compare-and-set: by a read and a write, {@link ConcurrentCloses} gives one hold back
 * twice. The close of a page's hold and a put change one word atomically: by a read and a write,
 * {@link CloseAgainstPut} frees the page twice, or never. A hold is counted before the kill of the
 * holds' reference adds up, or refused: else {@link LookupAgainstKill} sees the map's reference
 * released under a hold.
 *
 * <p>All states share one machine. A state has a page of its own, or a slot of its own for a map;
 * so many others are used in between that no state in use meets another.
 */
public class HoldRaces {
  private static final int PAGE_BITS = 20;
  private static final int SLOTS = 1 << 18;
  private static final long SLOT_BYTES = 2L << 20;
  private static final PhysRange PAGES = PhysRange.of(1L << 40, 4096L << PAGE_BITS);
  private static final long FIRST_SLOT = 1L << 41;

  private static final AtomicLong NEXT = new AtomicLong();
  private static final AtomicIntegerArray FREED = new AtomicIntegerArray(1 << PAGE_BITS);
  private static final Machine MACHINE = machine();

  private HoldRaces() {}

  private static Machine machine() {
    Machine machine =
        Machine.simulated(
            MachineDescription.parse("# phys-bits=46\n00001000-3fffffff : System RAM\n"));
    machine.memremapPages(
        DevPagemap.over(PAGES)
            .type(MemoryType.GENERIC)
            .ops(PagemapOps.none().withPageFree(page -> FREED.incrementAndGet(index(page.pfn()))))
            .build());
    return machine;
  }

  private static int index(long pfn) {
    return (int) (pfn - PAGES.firstPfn(4096));
  }

  /** A page that no other state uses now, as fresh as any. */
  private static long nextPfn() {
    long pfn = PAGES.firstPfn(4096) + (NEXT.getAndIncrement() & ((1 << PAGE_BITS) - 1));
    FREED.set(index(pfn), 0);
    return pfn;
  }

  /**
   * D-5: of two closes, one gives the hold back. The page has a second hold until the end, for the
   * word of a page without one would turn into a fresh page's again if a hold more were taken off
   * it, and show nothing.
   */
  @JCStressTest
  @Outcome(id = "2, 1", expect = ACCEPTABLE, desc = "given back once, and the other hold counts")
  @Outcome(expect = FORBIDDEN, desc = "given back twice, or not at all")
  @State
  public static class ConcurrentCloses {
    private final long pfn = nextPfn();
    private final PageHold kept = Objects.requireNonNull(MACHINE.hold(pfn));
    private final PageHold held = Objects.requireNonNull(MACHINE.hold(pfn));

    /** Makes the state of one run. */
    public ConcurrentCloses() {}

    /** Closes. */
    @Actor
    public void first() {
      held.close();
    }

    /** Closes. */
    @Actor
    public void second() {
      held.close();
    }

    /** Looks, and closes the other hold. */
    @Arbiter
    public void after(II_Result r) {
      r.r1 = MACHINE.pfnToPage(pfn).refCount();
      kept.close();
      r.r2 = MACHINE.pfnToPage(pfn).refCount();
    }
  }

  /** D-4, TY-4: the page's last reference and its last hold free it once, whichever goes last. */
  @JCStressTest
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "freed once, and fresh again")
  @Outcome(expect = FORBIDDEN, desc = "freed twice or never, or miscounted")
  @State
  public static class CloseAgainstPut {
    private final PageHold held = Objects.requireNonNull(MACHINE.hold(nextPfn()));

    /** Makes the state of one run. */
    public CloseAgainstPut() {}

    /** Closes. */
    @Actor
    public void holder() {
      held.close();
    }

    /** Puts the map's own reference to the page. */
    @Actor
    public void putter() {
      MACHINE.pfnToPage(held.pfn()).put();
    }

    /** Looks. */
    @Arbiter
    public void after(II_Result r) {
      r.r1 = MACHINE.pfnToPage(held.pfn()).refCount();
      r.r2 = FREED.get(index(held.pfn()));
    }
  }

  /** A map that keeps nothing but by its reference, which counts its releases. */
  private static final class Slot {
    final AtomicInteger releases = new AtomicInteger();
    final PercpuRef ref = PercpuRef.init(releases::incrementAndGet);
    final DevPagemap map;
    final long pfn;

    Slot() {
      PhysRange range =
          PhysRange.of(
              FIRST_SLOT + (NEXT.getAndIncrement() & (SLOTS - 1)) * SLOT_BYTES, SLOT_BYTES);
      pfn = range.firstPfn(4096);
      map =
          DevPagemap.over(range)
              .type(MemoryType.PRIVATE)
              .owner(MACHINE)
              .ops(
                  PagemapOps.none()
                      .withPageFree(page -> {})
                      .withMigrateToRam(page -> PagemapOps.MigrateToRam.Outcome.SIGBUS))
              .ref(ref)
              .build();
      MACHINE.memremapPages(map);
    }

    boolean isGone() {
      return map.state() == DevPagemap.State.UNMAPPED;
    }
  }

  /** D-4: the reference is not released under a hold, and once after it. */
  @JCStressTest
  @Outcome(id = "1, 0, 1", expect = ACCEPTABLE, desc = "held before the release, which came once")
  @Outcome(id = "0, 0, 1", expect = ACCEPTABLE, desc = "found no longer")
  @Outcome(expect = FORBIDDEN, desc = "released under a hold, or not once")
  @State
  public static class LookupAgainstKill {
    private final Slot slot = new Slot();

    /** Makes the state of one run. */
    public LookupAgainstKill() {}

    /** Holds, looks, and closes. */
    @Actor
    public void holder(III_Result r) {
      try (Lookup held = MACHINE.lookup(slot.pfn)) {
        if (held != null) {
          r.r1 = 1;
          r.r2 = slot.releases.get();
        }
      }
    }

    /** Kills. */
    @Actor
    public void killer() {
      slot.ref.kill();
    }

    /** Unmaps, and counts. */
    @Arbiter
    public void after(III_Result r) {
      MACHINE.memunmapPages(slot.map);
      r.r3 = slot.isGone() ? slot.releases.get() : -1;
    }
  }

  /** D-4, D-5: a hold that is closed while the map is unmapped lets it go, once. */
  @JCStressTest
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "the map is gone, and was released once")
  @Outcome(expect = FORBIDDEN, desc = "the map drains for ever, or was released twice")
  @State
  public static class CloseAgainstUnmap {
    private final Slot slot = new Slot();
    private final Lookup held = Objects.requireNonNull(MACHINE.lookup(slot.pfn));

    /** Makes the state of one run. */
    public CloseAgainstUnmap() {}

    /** Closes. */
    @Actor
    public void holder() {
      held.close();
    }

    /** Kills and unmaps, after a put too many. */
    @Actor
    public void unmapper() {
      slot.ref.put();
      MACHINE.memunmapPages(slot.map);
    }

    /** Looks. */
    @Arbiter
    public void after(II_Result r) {
      r.r1 = slot.isGone() ? 1 : 0;
      r.r2 = slot.releases.get();
    }
  }
}
