// SPDX-License-Identifier: Apache-2.0
package dev.memremap.spi;

import dev.memremap.cache.CacheMode;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.MemremapException;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.OptionalLong;

/**
 * The bytes of a physical address space, and how a range of them is reached.
 *
 * <p>Thread safety: implementations are safe for use by many threads.
 */
public interface PhysicalMemory extends AutoCloseable {

  /**
   * The path to a range, without mapping it. Where there is but one, it gives what the tables say:
   * {@link AccessPath#only}.
   *
   * @param range the bytes to map
   * @param asked the mode asked for
   * @param effective what the machine's tables make of it
   */
  AccessPath accessPath(PhysRange range, CacheMode asked, CacheMode effective);

  /**
   * Maps a range by the path that was decided. Two mappings that share physical addresses share
   * their bytes.
   *
   * @param range the bytes to map; neither end need be aligned
   * @param path what {@link #accessPath} answered for it
   * @param arena whose closing unmaps it
   * @return a readable segment of exactly the range's size, writable unless the path is not
   * @throws MemremapException if the range cannot be mapped ({@code ENOMEM}, {@code ENOSPC}, {@code
   *     EFBIG}, {@code ENOENT}, {@code EACCES}, {@code EIO}, and what the routes to real memory
   *     answer, naming each that was tried); nothing is mapped then
   * @throws IllegalStateException if this memory or the arena was closed
   */
  MappedBytes map(PhysRange range, AccessPath.Open path, Arena arena);

  /**
   * What the direct map maps when part of a run of System RAM is asked for.
   *
   * @param wanted the part
   * @param run the whole run
   * @return a range that holds the part; the whole run unless that costs something
   */
  default PhysRange directMapUnit(PhysRange wanted, PhysRange run) {
    return run;
  }

  /**
   * Whether these are the bytes of a computer, each reached by a file of its system that decides
   * the mode (LIB-6), and not simulated ones.
   */
  default boolean isReal() {
    return false;
  }

  /** The devices whose memory this is, by name; none in simulated memory. */
  default List<HardwareDevice> devices() {
    return List.of();
  }

  /** Whether a device of {@link #devices()} is still there. */
  default boolean isPresent(HardwareDevice device) {
    return true;
  }

  /**
   * How many mappings one machine may hold so that the JVM can still start threads and load
   * libraries; empty if the system sets no such limit.
   */
  OptionalLong mappingLimit();

  /** What {@link #mappingLimit()} comes from, for a sentence: {@code vm.max_map_count (65530)}. */
  String mappingLimitSource();

  /**
   * Gives the memory back. Mappings made earlier live as long as their arenas, and their bytes with
   * them. May be called again.
   */
  @Override
  void close();
}
