// SPDX-License-Identifier: Apache-2.0
package dev.memremap.spi;

import dev.memremap.cache.CacheMode;
import dev.memremap.rule.Rule;
import java.lang.foreign.Arena;

/**
 * Memory without physical addresses, such as a file's, which {@code Machine.attach} puts at a free
 * range of a machine's addresses.
 *
 * <p>Thread safety: implementations are safe for use by many threads.
 */
public interface MemorySource extends AutoCloseable {
  /** Returns its name for messages, such as a file's path. */
  String name();

  /** Returns how many bytes it has, at least 1. */
  long sizeBytes();

  /** Returns the cache mode of its mappings; WB, as memory of a process, by default. */
  default CacheMode mode() {
    return CacheMode.WB;
  }

  /**
   * Returns whether it is mapped directly, past the page cache, as a DAX file is; false by default.
   * {@code memory_failure} handles its pages then ({@link Rule#MF_3 MF-3}).
   */
  default boolean isDirect() {
    return false;
  }

  /**
   * Maps a part of it.
   *
   * @param offset of the first byte; need not be aligned
   * @param length in bytes
   * @param arena the arena that unmaps it when it closes
   * @throws dev.memremap.rule.MemremapException if it cannot be mapped; nothing is mapped then
   */
  MappedBytes map(long offset, long length, Arena arena);

  /** Frees it. Mappings made earlier live as long as their arenas. A second close does nothing. */
  @Override
  void close();
}
