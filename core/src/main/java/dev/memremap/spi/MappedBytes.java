// SPDX-License-Identifier: Apache-2.0
package dev.memremap.spi;

import dev.memremap.cache.CacheMode;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Bytes that were mapped, and what stands behind them.
 *
 * @param segment the bytes, of exactly the size asked for; read-only where the memory is
 * @param mode the cache mode the mapping has
 * @param backing what stands behind it
 */
public record MappedBytes(MemorySegment segment, CacheMode mode, Backing backing) {
  /** Checks the parts. */
  public MappedBytes {
    Objects.requireNonNull(segment, "segment");
    Objects.requireNonNull(mode, "mode");
    Objects.requireNonNull(backing, "backing");
  }
}
