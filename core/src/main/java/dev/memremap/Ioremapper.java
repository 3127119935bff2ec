// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import dev.memremap.cache.AliasVerdict;
import dev.memremap.cache.CacheMode;
import dev.memremap.cache.MemtypeTable;
import dev.memremap.memory.MappedBytes;
import dev.memremap.memory.MappingQuota;
import dev.memremap.memory.PhysicalMemory;
import dev.memremap.memory.Reach;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.ResourceTree;
import dev.memremap.rule.MemremapException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Maps registers: {@code ioremap}. The range gets the mode UC-, or what an alias of it has.
 *
 * <p>Thread safety: {@code tables}, which {@link Remapper} holds likewise, is held from the checks
 * to the reservation; {@code live} is a concurrent set.
 */
final class Ioremapper {
  private static final CacheMode MODE = CacheMode.UC_MINUS;

  private final MachineDescription description;
  private final ResourceTree resources;
  private final MemtypeTable memtypes;
  private final PhysicalMemory memory;
  private final MappingQuota quota;
  private final Object tables;
  private final Set<IoMemory> live = ConcurrentHashMap.newKeySet();

  Ioremapper(
      MachineDescription description,
      ResourceTree resources,
      MemtypeTable memtypes,
      PhysicalMemory memory,
      MappingQuota quota,
      Object tables) {
    this.description = description;
    this.resources = resources;
    this.memtypes = memtypes;
    this.memory = memory;
    this.quota = quota;
    this.tables = tables;
  }

  IoMemory ioremap(PhysRange range) {
    description.architecture().requireRules();
    CacheMode effective = reserve(range);
    try {
      return map(range, reach(range, effective));
    } catch (RuntimeException | Error e) {
      memtypes.free(RemapRules.pages(range));
      throw e;
    }
  }

  /** What {@link #ioremap} would be refused with, and nothing is mapped. */
  Optional<MemremapException> refusal(PhysRange range) {
    description.architecture().requireRules();
    try {
      synchronized (tables) {
        requireNew(range);
        reach(range, granted(range, memtypes.checkAlias(RemapRules.pages(range), MODE)));
      }
      return Optional.empty();
    } catch (MemremapException e) {
      return Optional.of(e);
    }
  }

  /** IO-1 and MT-8, and then the mode is the range's. */
  private CacheMode reserve(PhysRange range) {
    synchronized (tables) {
      requireNew(range);
      return granted(range, memtypes.reserveAlias(RemapRules.pages(range), MODE));
    }
  }

  private void requireNew(PhysRange range) {
    new RemapRules(description, resources.snapshot(), memtypes, memory)
        .ioremapRefusal(range)
        .ifPresent(
            refusal -> {
              throw because(range, refusal);
            });
  }

  private static CacheMode granted(PhysRange range, AliasVerdict verdict) {
    if (!verdict.allowed()) {
      throw because(
          range,
          new MemremapException(
              Objects.requireNonNull(verdict.errno()), verdict.rule(), verdict.reason()));
    }
    return Objects.requireNonNull(verdict.effective());
  }

  private Reach reach(PhysRange range, CacheMode effective) {
    Reach reach = memory.reach(range, MODE, effective);
    if (!reach.isPossible()) {
      throw because(range, reach.refusal());
    }
    return reach;
  }

  private IoMemory map(PhysRange range, Reach reach) {
    MappingHome.Own home = MappingHome.Own.in(quota);
    try {
      MappedBytes bytes = memory.map(range, reach, home.arena());
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
        e.errno(), e.rule(), "ioremap %s: %s".formatted(range, e.sentence()), List.of(), e);
  }

  /** What is mapped still. */
  Set<IoMemory> live() {
    return Set.copyOf(live);
  }
}
