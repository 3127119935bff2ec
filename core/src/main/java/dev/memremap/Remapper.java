// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import dev.memremap.cache.MemtypeTable;
import dev.memremap.cache.Reservation;
import dev.memremap.event.Recording;
import dev.memremap.event.RemapEvent;
import dev.memremap.memory.AccessPath;
import dev.memremap.memory.MappedBytes;
import dev.memremap.memory.MappingQuota;
import dev.memremap.memory.PhysicalMemory;
import dev.memremap.memory.TransformedView;
import dev.memremap.memory.XtsCipher;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.ResourceTree;
import dev.memremap.rule.Attempt;
import dev.memremap.rule.MemremapException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Carries a plan out: reserves the memory type, maps the bytes, and undoes both where a step fails,
 * so that a refused request leaves the tables as they were.
 *
 * <p>Thread safety: {@code tables}, which page maps hold likewise, is held while a plan is computed
 * and its memory type reserved, so that no other request comes between the two. A slice of the
 * direct map reserves nothing, and its plan comes from one snapshot of the resources: it needs no
 * lock. Mapping happens outside it; the reservation keeps the range's mode meanwhile.
 */
final class Remapper {
  private final MachineDescription description;
  private final ResourceTree resources;
  private final MemtypeTable memtypes;
  private final PhysicalMemory memory;
  private final MappingQuota quota;
  private final DirectMap directMap;
  private final @Nullable XtsCipher cipher;
  private final boolean strict;
  private final boolean tracing;
  private final Object tables;
  private final Supplier<RemapRules> rules = this::rules;

  Remapper(
      MachineDescription description,
      ResourceTree resources,
      MemtypeTable memtypes,
      PhysicalMemory memory,
      MappingQuota quota,
      DirectMap directMap,
      Object tables,
      @Nullable XtsCipher cipher,
      boolean strict,
      boolean tracing) {
    this.description = description;
    this.resources = resources;
    this.memtypes = memtypes;
    this.memory = memory;
    this.quota = quota;
    this.directMap = directMap;
    this.tables = tables;
    this.cipher = cipher;
    this.strict = strict;
    this.tracing = tracing;
  }

  /** What a request would do. */
  RemapPlan plan(long offset, long size, long flags) {
    description.architecture().requireRules();
    return rules().plan(offset, size, flags);
  }

  /** The rules over the tables as they stand. */
  RemapRules rules() {
    return new RemapRules(description, resources.snapshot(), memtypes, memory, rules);
  }

  /**
   * Maps a request.
   *
   * @param homes makes the home of a new mapping; not asked for a slice of the direct map
   * @param unmanage told when the mapping is undone; null if nobody wants to know
   * @throws MemremapException with every attempt, if none succeeds
   */
  Mapping remap(
      long offset,
      long size,
      long flags,
      Supplier<MappingHome> homes,
      Mapping.@Nullable Undo unmanage) {
    try {
      Mapping mapping = carryOut(offset, size, flags, homes, unmanage);
      record(offset, size, mapping.cacheMode().symbol());
      return mapping;
    } catch (MemremapException e) {
      record(offset, size, e.errno().name());
      throw e;
    }
  }

  private static void record(long offset, long size, String outcome) {
    if (Recording.isOn()) {
      RemapEvent event = new RemapEvent();
      event.start = offset;
      event.size = size;
      event.outcome = outcome;
      event.commit();
    }
  }

  private Mapping carryOut(
      long offset,
      long size,
      long flags,
      Supplier<MappingHome> homes,
      Mapping.@Nullable Undo unmanage) {
    List<Attempt> failed = List.of();
    long left = flags;
    while (true) {
      RemapPlan plan = planAndReserve(offset, size, left);
      RemapPlan whole = plan.after(flags, failed);
      RemapPlan.Grant grant = plan.grant();
      if (grant == null) {
        throw whole.exception();
      }
      try {
        return map(whole, grant, homes, unmanage);
      } catch (MemremapException e) {
        failed = new ArrayList<>(failed);
        failed.add(new Attempt.Refused(grant.type().name(), e.refusal()));
        left &= ~grant.type().bit();
        if (grant.direct() || RemapRules.types(left).isEmpty()) {
          throw new MemremapException(
              e.refusal().saying("memremap " + whole.asked() + ": " + e.sentence()), failed, e);
        }
      }
    }
  }

  private RemapPlan planAndReserve(long offset, long size, long flags) {
    RemapPlan direct = plan(offset, size, flags);
    if (direct.grant() != null && direct.grant().direct()) {
      return direct;
    }
    synchronized (tables) {
      RemapPlan plan = plan(offset, size, flags);
      RemapPlan.Grant grant = plan.grant();
      if (grant != null && !grant.direct()) {
        Reservation reserved =
            memtypes.reserveAlias(
                RemapRules.pages(PhysRange.of(offset, size)), RemapRules.modeOf(grant.type()));
        if (!reserved.isGranted()) {
          throw new AssertionError("a plan was granted that cannot be reserved: " + reserved);
        }
      }
      return plan;
    }
  }

  private Mapping map(
      RemapPlan plan,
      RemapPlan.Grant grant,
      Supplier<MappingHome> homes,
      Mapping.@Nullable Undo unmanage) {
    PhysRange range = PhysRange.of(plan.offset(), plan.size());
    Provenance provenance = tracing ? Provenance.here() : null;
    EncryptionRules encryption = new EncryptionRules(description, resources.snapshot());
    List<PhysRange> transformed = encryption.seenTransformed(range, grant.encrypted());
    if (grant.direct() && transformed.isEmpty() && !strict) {
      MappedBytes slice = directMap.slice(range, resources.snapshot());
      return new Mapping(range, plan, slice, null, unmanage, provenance);
    }
    Runnable entries = grant.direct() ? () -> {} : () -> memtypes.free(RemapRules.pages(range));
    MappingHome home = null;
    try {
      if (transformed.isEmpty()) {
        home = homes.get();
      } else {
        TransformedView.requireViewable(range);
        home = MappingHome.Own.in(quota);
      }
      return mapIn(home, range, plan, grant, transformed, entries, unmanage, provenance);
    } catch (RuntimeException | Error e) {
      if (home != null) {
        home.abandon();
      }
      entries.run();
      throw e;
    }
  }

  private Mapping mapIn(
      MappingHome home,
      PhysRange range,
      RemapPlan plan,
      RemapPlan.Grant grant,
      List<PhysRange> transformed,
      Runnable entries,
      Mapping.@Nullable Undo unmanage,
      @Nullable Provenance provenance) {
    PhysRange mapped = transformed.isEmpty() ? range : TransformedView.blocksOf(range);
    AccessPath.Open path =
        memory.accessPath(mapped, RemapRules.modeOf(grant.type()), grant.effective()).orThrow();
    MappedBytes bytes = memory.map(mapped, path, home.arena());
    TransformedView view = null;
    if (!transformed.isEmpty()) {
      TransformedView.Direction direction =
          grant.encrypted()
              ? TransformedView.Direction.PLAIN_MEMORY_SEEN_ENCRYPTED
              : TransformedView.Direction.ENCRYPTED_MEMORY_SEEN_PLAIN;
      view =
          TransformedView.open(
              bytes,
              range,
              direction,
              pfn -> transformed.stream().anyMatch(piece -> piece.contains(pfn << 12)),
              Objects.requireNonNull(cipher),
              home.arena());
    }
    Mapping.Undo unmap = home.undo(entries);
    Mapping.Undo all =
        unmanage == null
            ? unmap
            : mapping -> {
              unmap.undo(mapping);
              unmanage.undo(mapping);
            };
    MappedBytes seen =
        view == null ? bytes : new MappedBytes(view.segment(), bytes.mode(), bytes.backing());
    return new Mapping(range, plan, seen, view, all, provenance);
  }
}
