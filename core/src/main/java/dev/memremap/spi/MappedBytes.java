// SPDX-License-Identifier: Apache-2.0
package dev.memremap.spi;

import dev.memremap.cache.CacheMode;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Mapped bytes, with their cache mode and backing.
 *
 * @param segment the bytes, of exactly the size asked for; read-only if the memory is
 * @param mode the cache mode of the mapping
 * @param backing what backs the bytes
 */
public record MappedBytes(MemorySegment segment, CacheMode mode, Backing backing) {
  /** Checks the parts. */
  public MappedBytes {
    Objects.requireNonNull(segment, "segment");
    Objects.requireNonNull(mode, "mode");
    Objects.requireNonNull(backing, "backing");
  }
}
