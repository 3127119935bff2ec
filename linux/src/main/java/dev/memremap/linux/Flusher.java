// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import java.lang.foreign.MemorySegment;

/**
 * How stored bytes reach their media.
 *
 * <p>Thread safety: implementations are safe for use by many threads.
 */
interface Flusher {
  /**
   * Returns when a range is on the media.
   *
   * @param offset of the first byte, in the segment
   * @param length in bytes, at least 1
   */
  void persist(MemorySegment segment, long offset, long length) throws ErrnoException;

  /** Waits for stores that are on their way. */
  void drain();
}
