// SPDX-License-Identifier: Apache-2.0
package dev.memremap.spi;

import dev.memremap.cache.CacheMode;
import dev.memremap.resource.PhysRange;
import java.lang.foreign.Arena;
import java.util.OptionalLong;

/**
 * Memory that asks another one everything; a test overrides what shall differ.
 *
 * <p>Thread safety: that of the other memory.
 */
public abstract class ForwardingMemory implements PhysicalMemory {
  private final PhysicalMemory memory;

  /** Asks this memory. */
  protected ForwardingMemory(PhysicalMemory memory) {
    this.memory = memory;
  }

  @Override
  public AccessPath accessPath(PhysRange range, CacheMode asked, CacheMode effective) {
    return memory.accessPath(range, asked, effective);
  }

  @Override
  public MappedBytes map(PhysRange range, AccessPath.Open path, Arena arena) {
    return memory.map(range, path, arena);
  }

  @Override
  public OptionalLong mappingLimit() {
    return memory.mappingLimit();
  }

  @Override
  public String mappingLimitSource() {
    return memory.mappingLimitSource();
  }

  @Override
  public void close() {
    memory.close();
  }
}
