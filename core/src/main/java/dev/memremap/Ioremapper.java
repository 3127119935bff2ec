// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import dev.memremap.cache.MemtypeTable;
import dev.memremap.cache.Reservation;
import dev.memremap.memory.AccessPath;
import dev.memremap.memory.MappedBytes;
import dev.memremap.memory.MappingQuota;
import dev.memremap.memory.PhysicalMemory;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.MemremapException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Maps registers: {@code ioremap}. The range gets the mode UC-, or what an alias of it has.
 *
 * <p>Thread safety: {@code tables}, which {@link Remapper} holds likewise, is held from the checks
 * to the reservation; {@code live} is a concurrent set.
 */
final class Ioremapper {
  private final MemtypeTable memtypes;
  private final PhysicalMemory memory;
  private final MappingQuota quota;
  private final Object tables;
  private final Supplier<RemapRules> rules;
  private final Set<IoMemory> live = ConcurrentHashMap.newKeySet();

  Ioremapper(
      MemtypeTable memtypes,
      PhysicalMemory memory,
      MappingQuota quota,
      Object tables,
      Supplier<RemapRules> rules) {
    this.memtypes = memtypes;
    this.memory = memory;
    this.quota = quota;
    this.tables = tables;
    this.rules = rules;
  }

  IoMemory ioremap(PhysRange range) {
    IoremapPlan plan = planAndReserve(range);
    try {
      return map(range, plan.path());
    } catch (RuntimeException | Error e) {
      memtypes.free(RemapRules.pages(range));
      throw e;
    }
  }

  /** What {@link #ioremap} would do, and nothing is mapped. */
  IoremapPlan plan(PhysRange range) {
    RemapRules now = rules.get();
    now.description().architecture().requireRules();
    return new IoremapRules(now).plan(range);
  }

  private IoremapPlan planAndReserve(PhysRange range) {
    synchronized (tables) {
      IoremapPlan plan = plan(range);
      plan.orThrow();
      Reservation reserved = memtypes.reserveAlias(RemapRules.pages(range), IoremapRules.MODE);
      if (!reserved.isGranted()) {
        throw new AssertionError("a plan was granted that cannot be reserved: " + reserved);
      }
      return plan;
    }
  }

  private IoMemory map(PhysRange range, AccessPath.Open path) {
    MappingHome.Own home = MappingHome.Own.in(quota);
    try {
      MappedBytes bytes = memory.map(range, path, home.arena());
      IoMemory made = new IoMemory(range, bytes, registers -> unmap(registers, home));
      live.add(made);
      return made;
    } catch (MemremapException e) {
      home.abandon();
      throw because(range, e);
    } catch (RuntimeException | Error e) {
      home.abandon();
      throw e;
    }
  }

  private void unmap(IoMemory registers, MappingHome.Own home) {
    home.unmap(registers);
    memtypes.free(RemapRules.pages(registers.range()));
    live.remove(registers);
  }

  private static MemremapException because(PhysRange range, MemremapException e) {
    return new MemremapException(
        e.refusal().saying("ioremap %s: %s".formatted(range, e.sentence())), e);
  }

  /** What is mapped still. */
  Set<IoMemory> live() {
    return Set.copyOf(live);
  }
}
