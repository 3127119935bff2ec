// SPDX-License-Identifier: Apache-2.0
package dev.memremap.spi;

import dev.memremap.rule.MemremapException;
import java.lang.foreign.MemorySegment;

/**
 * What backs mapped bytes: its name, how stores reach the media, and what an access throws if the
 * memory goes away.
 *
 * <p>Thread safety: implementations are safe for use by many threads.
 */
public interface Backing {
  /** Returns its name for messages, such as a file's path. */
  String name();

  /**
   * Writes bytes to the media, and returns when they are there.
   *
   * @param mapped the mapped bytes
   * @param offset of the first byte, in the segment
   * @param length in bytes
   * @throws UnsupportedOperationException if that cannot be promised
   * @throws MemremapException {@code EIO} if the media fails
   */
  void persist(MemorySegment mapped, long offset, long length);

  /**
   * Waits until stores that bypassed the processor's caches have reached the media.
   *
   * @throws UnsupportedOperationException if that cannot be promised
   */
  void drain();

  /**
   * Returns whether the memory can go away under a mapping, as a device's or a sparse file's can.
   * If not, accesses to registers skip the check for that, which takes a third of their time.
   */
  default boolean canBeLost() {
    return true;
  }

  /** Returns what an access throws if its memory went away, in place of the JVM's bare error. */
  MemremapException lost(InternalError error);
}
