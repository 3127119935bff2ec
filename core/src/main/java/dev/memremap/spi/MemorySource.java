// SPDX-License-Identifier: Apache-2.0
package dev.memremap.spi;

import dev.memremap.cache.CacheMode;
import java.lang.foreign.Arena;

/**
 * Memory without a physical address of its own, such as a file's, which a machine can be given
 * under a name and at a range of addresses that nothing else has ({@code Machine.attach}).
 *
 * <p>Thread safety: implementations are safe for use by many threads.
 */
public interface MemorySource extends AutoCloseable {
  /** What it is, for a sentence: a file's path. */
  String name();

  /** How many bytes it has, at least 1. */
  long sizeBytes();

  /** The cache mode its mappings have; memory of a process is WB. */
  default CacheMode mode() {
    return CacheMode.WB;
  }

  /**
   * Maps a part of it.
   *
   * @param offset of the first byte; need not be aligned
   * @param length in bytes
   * @param arena whose closing unmaps it
   * @throws dev.memremap.rule.MemremapException if it cannot be mapped; nothing is mapped then
   */
  MappedBytes map(long offset, long length, Arena arena);

  /** Gives it back. Mappings made earlier live as long as their arenas. May be called again. */
  @Override
  void close();
}
