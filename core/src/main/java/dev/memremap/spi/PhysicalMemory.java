// SPDX-License-Identifier: Apache-2.0
package dev.memremap.spi;

import dev.memremap.cache.CacheMode;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.OptionalLong;

/**
 * Maps the bytes of a physical address space.
 *
 * <p>Thread safety: implementations are safe for use by many threads.
 */
public interface PhysicalMemory extends AutoCloseable {

  /**
   * Returns the path to a range, without mapping it; {@link AccessPath#only} if the memory has only
   * one.
   *
   * @param range the bytes to map
   * @param asked the mode asked for
   * @param effective the mode after the machine's tables
   */
  AccessPath accessPath(PhysRange range, CacheMode asked, CacheMode effective);

  /**
   * Maps a range by a path. Two mappings that share physical addresses share their bytes.
   *
   * @param range the bytes to map; neither end need be aligned
   * @param path what {@link #accessPath} returned for it
   * @param arena whose closing unmaps it
   * @return a readable segment of exactly the range's size, writable unless the path is not
   * @throws MemremapException if the range cannot be mapped ({@code ENOMEM}, {@code ENOSPC}, {@code
   *     EFBIG}, {@code ENOENT}, {@code EACCES}, {@code EIO}, and the errno of the routes to real
   *     memory, with each that was tried); nothing is mapped then
   * @throws IllegalStateException if this memory or the arena was closed
   */
  MappedBytes map(PhysRange range, AccessPath.Open path, Arena arena);

  /**
   * Returns what the direct map maps when a part of a run of System RAM is asked for.
   *
   * @param wanted the part
   * @param run the whole run
   * @return a range that holds the part; the whole run unless that costs something
   */
  default PhysRange directMapUnit(PhysRange wanted, PhysRange run) {
    return run;
  }

  /**
   * Returns whether this is a computer's memory, reached through files that decide the mode ({@link
   * Rule#LIB_6 LIB-6}), instead of simulated memory.
   */
  default boolean isReal() {
    return false;
  }

  /** Lists the devices with memory here; empty for simulated memory. */
  default List<HardwareDevice> devices() {
    return List.of();
  }

  /** Returns whether a device of {@link #devices()} is still present. */
  default boolean isPresent(HardwareDevice device) {
    return true;
  }

  /**
   * Returns how many mappings one machine may hold, so that the JVM can still start threads and
   * load libraries; empty if the system sets no limit.
   */
  OptionalLong mappingLimit();

  /**
   * Returns the source of {@link #mappingLimit()} for messages, such as {@code vm.max_map_count
   * (65530)}.
   */
  String mappingLimitSource();

  /**
   * Frees the memory. Mappings made earlier live, with their bytes, as long as their arenas. A
   * second close does nothing.
   */
  @Override
  void close();
}
