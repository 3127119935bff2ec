// SPDX-License-Identifier: Apache-2.0
package dev.memremap.spi;

import dev.memremap.rule.MemremapException;
import java.lang.foreign.MemorySegment;

/**
 * What stands behind mapped bytes: its name, what it takes for stores to reach the media, and what
 * is to be said when it goes away under a mapping.
 *
 * <p>Thread safety: implementations are safe for use by many threads.
 */
public interface Backing {
  /** Its name for a sentence, such as a file's path. */
  String name();

  /**
   * Returns when the bytes are on the media.
   *
   * @param mapped the mapped bytes
   * @param offset of the first byte, in the segment
   * @param length in bytes
   * @throws UnsupportedOperationException if that cannot be promised
   * @throws MemremapException {@code EIO} if the media fails
   */
  void persist(MemorySegment mapped, long offset, long length);

  /**
   * Waits until stores that were on their way to the media, because they bypass caches, are there.
   *
   * @throws UnsupportedOperationException if that cannot be promised
   */
  void drain();

  /**
   * Whether the memory can go away under a mapping, as that of a device or of a file with holes
   * can. Where it cannot, an access to registers does not look for the fault of one that met no
   * memory, which takes a third of its time.
   */
  default boolean canBeLost() {
    return true;
  }

  /** What an access throws whose memory went away: a typed error for the JVM's bare one. */
  MemremapException lost(InternalError error);
}
