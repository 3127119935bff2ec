// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.remap;

import dev.memremap.internal.arch.ArchitectureRules;
import dev.memremap.internal.crypt.TransformedView;
import dev.memremap.internal.crypt.XtsCipher;
import dev.memremap.internal.event.Tracepoints;
import dev.memremap.internal.kernel.KernelRules;
import dev.memremap.internal.memtype.Reservation;
import dev.memremap.internal.sim.SimulatedBacking;
import dev.memremap.internal.space.AddressSpace;
import dev.memremap.internal.space.MappedRegion;
import dev.memremap.internal.stack.StackRoom;
import dev.memremap.plan.RemapPlan;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Attempt;
import dev.memremap.rule.MemremapException;
import dev.memremap.spi.MappedBytes;
import dev.memremap.spi.SegmentAccess;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Carries a plan out: reserves the memory type, maps the bytes, and undoes both where a step fails,
 * so that a refused request leaves the tables as they were.
 *
 * <p>Thread safety: a plan is computed and its memory type reserved in one step of the address
 * space, so that no other request comes between the two. A slice of the direct map reserves
 * nothing, and its plan comes from one snapshot of the resources: it needs no lock. Mapping happens
 * outside it; the reservation keeps the range's mode meanwhile.
 */
public final class Remapper {
  /**
   * Up to this many bytes are touched when they are mapped. That costs little compared with the
   * mapping itself; unmapping then costs as much as for any used memory.
   */
  private static final long CHEAP_BYTES = 64L << 10;

  /** The distance of the bytes that are touched; pages of the host are at least this large. */
  private static final long TOUCHED_BYTES = 4096;

  private static final VarHandle BYTE = ValueLayout.JAVA_BYTE.varHandle();

  /** Which one is asked depends on what was loaded, or a compiler would leave the loads out. */
  private static final Object[] POLLS = {new Object(), new Object()};

  private final AddressSpace space;
  private final ArchitectureRules architecture;
  private final KernelRules kernel;
  private final @Nullable XtsCipher cipher;
  private final boolean strict;

  /**
   * What a granted request was given.
   *
   * @param plan why it is mapped the way it is
   * @param bytes what a user sees
   * @param view the copy that the bytes belong to, where memory's encryption attribute differs
   * @param region what is unmapped in the end; null for a slice of the direct map
   */
  public record Remapped(
      RemapPlan plan,
      MappedBytes bytes,
      @Nullable TransformedView view,
      @Nullable MappedRegion region) {}

  /**
   * Maps in this address space.
   *
   * @param cipher what memory is encrypted with; null if it is not
   * @param strict whether a slice of the direct map gets a region of its own
   */
  public Remapper(AddressSpace space, @Nullable XtsCipher cipher, boolean strict) {
    this.space = space;
    this.architecture = space.platform().architecture();
    this.kernel = space.platform().kernel();
    this.cipher = cipher;
    this.strict = strict;
  }

  /** A range's first address as the kernel's argument. */
  public static long start(PhysRange range) {
    return Objects.requireNonNull(range, "range").start();
  }

  /**
   * A range's size as the kernel's argument, of 64 bits. The whole address space has no such size;
   * all but its last byte gets the answer, which is a refusal.
   */
  public static long size(PhysRange range) {
    return range.sizeBytes() == 0 ? -1 : range.sizeBytes();
  }

  /** What a request would do. */
  public RemapPlan plan(long offset, long size, long flags) {
    return rules().plan(offset, size, flags);
  }

  /** The rules over the tables as they stand. */
  public RemapRules rules() {
    return new RemapRules(
        architecture,
        kernel,
        space.resources(),
        space.tree().softReserve(),
        space.memtypes(),
        space.memory(),
        this::near);
  }

  /** What near a refused request the tables would grant as they stand when this is asked. */
  private List<RemapPlan.Nearest> near(RemapPlan refused) {
    return new NearestRanges(rules()).of(refused);
  }

  /**
   * Maps a request.
   *
   * @param regions gives the region for a new mapping; not asked for a slice of the direct map
   * @throws MemremapException with every attempt, if none succeeds
   */
  public Remapped remap(long offset, long size, long flags, Supplier<MappedRegion> regions) {
    try {
      Remapped remapped = carryOut(offset, size, flags, regions);
      Tracepoints.remapped(offset, size, remapped.bytes.mode().symbol());
      return remapped;
    } catch (MemremapException e) {
      Tracepoints.remapped(offset, size, e.errno().name());
      throw e;
    }
  }

  private Remapped carryOut(long offset, long size, long flags, Supplier<MappedRegion> regions) {
    List<Attempt> failed = List.of();
    long left = flags;
    while (true) {
      RemapPlan plan = planAndReserve(offset, size, left);
      RemapPlan whole = whole(plan, flags, failed);
      RemapPlan.Grant grant = plan.grant();
      if (grant == null) {
        throw whole.exception();
      }
      try {
        return map(whole, grant, regions);
      } catch (MemremapException e) {
        failed = new ArrayList<>(failed);
        failed.add(new Attempt.Refused(grant.type().name(), e.refusal()));
        left &= ~grant.type().bit();
        if (grant.direct()) {
          failed.addAll(RemapRules.notTriedOnRam(left));
        }
        if (grant.direct() || RemapRules.types(left).isEmpty()) {
          throw new MemremapException(
              e.refusal().saying("memremap " + whole.asked() + ": " + e.sentence()),
              failed,
              whole.assumptions(),
              e);
        }
      }
    }
  }

  /**
   * The plan with the attempts that failed before it. If the heap has no room for it, what the plan
   * reserved is given back.
   */
  private RemapPlan whole(RemapPlan plan, long flags, List<Attempt> failed) {
    try {
      return plan.after(flags, failed);
    } catch (Error noRoom) {
      RemapPlan.Grant grant = plan.grant();
      if (grant != null && !grant.direct()) {
        space
            .memtypes()
            .free(space.geometry().wholePages(PhysRange.of(plan.offset(), plan.size())));
      }
      throw noRoom;
    }
  }

  private RemapPlan planAndReserve(long offset, long size, long flags) {
    RemapPlan direct = plan(offset, size, flags);
    if (direct.grant() != null && direct.grant().direct()) {
      return direct;
    }
    StackRoom.touch();
    return space.atomically(
        () -> {
          RemapPlan plan = plan(offset, size, flags);
          RemapPlan.Grant grant = plan.grant();
          if (grant != null && !grant.direct()) {
            Reservation reserved =
                space
                    .memtypes()
                    .reserveAlias(
                        space.geometry().wholePages(PhysRange.of(offset, size)),
                        architecture.modeOf(grant.type()));
            if (!reserved.isGranted()) {
              throw new AssertionError("a plan was granted that cannot be reserved: " + reserved);
            }
          }
          return plan;
        });
  }

  private Remapped map(RemapPlan plan, RemapPlan.Grant grant, Supplier<MappedRegion> regions) {
    PhysRange range = PhysRange.of(plan.offset(), plan.size());
    List<PhysRange> transformed =
        cipher == null
            ? List.of()
            : architecture.seenTransformed(space.resources(), range, grant.encrypted());
    if (grant.direct() && transformed.isEmpty() && !strict) {
      return new Remapped(plan, space.directMap().slice(range, space.resources()), null, null);
    }
    Runnable entry =
        grant.direct() ? () -> {} : () -> space.memtypes().free(space.geometry().wholePages(range));
    MappedRegion region;
    try {
      if (transformed.isEmpty()) {
        region = regions.get();
      } else {
        TransformedView.requireViewable(range);
        region = space.region();
      }
    } catch (RuntimeException | Error e) {
      entry.run();
      throw e;
    }
    region.holds(entry);
    try {
      return transformed.isEmpty()
          ? new Remapped(plan, map(range, grant, region), null, region)
          : view(plan, grant, transformed, region);
    } catch (RuntimeException | Error e) {
      region.abandon();
      throw e;
    }
  }

  private MappedBytes map(PhysRange range, RemapPlan.Grant grant, MappedRegion region) {
    MappedBytes bytes = region.map(range, architecture.modeOf(grant.type()), grant.effective());
    if (range.sizeBytes() <= CHEAP_BYTES && bytes.backing() instanceof SimulatedBacking simulated) {
      takeRoom(bytes.segment(), simulated);
    }
    return bytes;
  }

  /** Touches every page, so that a full file system is met here and not at an access. */
  private static void takeRoom(MemorySegment segment, SimulatedBacking backing) {
    try {
      long last = segment.byteSize() - 1;
      int seen = touch(segment, last);
      for (long at = 0; at < last; at += TOUCHED_BYTES) {
        seen ^= touch(segment, at);
      }
      // a native method polls when it returns: a fault that the JVM has noted is raised here
      if (Thread.holdsLock(POLLS[seen & 1])) {
        throw new AssertionError("nothing locks this");
      }
    } catch (InternalError e) {
      throw SegmentAccess.named(e, backing);
    }
  }

  private static byte touch(MemorySegment segment, long at) {
    return (byte) BYTE.getOpaque(segment, at);
  }

  /** A copy of memory, seen through the other encryption attribute in these pieces of it. */
  private Remapped view(
      RemapPlan plan, RemapPlan.Grant grant, List<PhysRange> transformed, MappedRegion region) {
    PhysRange range = PhysRange.of(plan.offset(), plan.size());
    region.countCopies(TransformedView.COPIES);
    MappedBytes bytes = map(TransformedView.blocksOf(range), grant, region);
    TransformedView.Direction direction =
        grant.encrypted()
            ? TransformedView.Direction.PLAIN_MEMORY_SEEN_ENCRYPTED
            : TransformedView.Direction.ENCRYPTED_MEMORY_SEEN_PLAIN;
    TransformedView view =
        TransformedView.open(
            bytes,
            range,
            direction,
            address -> transformed.stream().anyMatch(piece -> piece.contains(address)),
            Objects.requireNonNull(cipher),
            region.arena());
    MappedBytes seen = new MappedBytes(view.segment(), bytes.mode(), bytes.backing());
    return new Remapped(plan, seen, view, region);
  }
}
