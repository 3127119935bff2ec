// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.space;

import dev.memremap.resource.PhysRange;
import dev.memremap.spi.AccessPath;
import dev.memremap.spi.HardwareDevice;
import dev.memremap.spi.MappedBytes;
import dev.memremap.spi.PhysicalMemory;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.OptionalLong;

/**
 * A layer over a machine's memory. Delegates to the memory below, except {@code accessPath}, which
 * each layer implements.
 */
public interface MemoryLayer extends PhysicalMemory {
  /** The memory below. */
  PhysicalMemory memory();

  @Override
  default MappedBytes map(PhysRange range, AccessPath.Open path, Arena arena) {
    return memory().map(range, path, arena);
  }

  @Override
  default PhysRange directMapUnit(PhysRange wanted, PhysRange run) {
    return memory().directMapUnit(wanted, run);
  }

  @Override
  default boolean isReal() {
    return memory().isReal();
  }

  @Override
  default List<HardwareDevice> devices() {
    return memory().devices();
  }

  @Override
  default boolean isPresent(HardwareDevice device) {
    return memory().isPresent(device);
  }

  @Override
  default OptionalLong mappingLimit() {
    return memory().mappingLimit();
  }

  @Override
  default String mappingLimitSource() {
    return memory().mappingLimitSource();
  }

  @Override
  default void close() {
    memory().close();
  }
}
