// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import dev.memremap.pager.store.StoreException;
import java.lang.foreign.MemorySegment;

/**
 * How pages of one part come from the node that has them. There may be several ways: one that
 * shares its connections, and one with connections of its own for the thread that serves faults.
 *
 * <p>Thread safety: all methods may be called from any thread.
 */
interface PageReads extends AutoCloseable {
  /**
   * Reads pages into memory, which nothing touches any more when this returns or throws.
   *
   * @param page the number of the first one
   * @param count how many, all of one part
   * @return the epoch that the part was used in last; the pages are this writer's only if it is its
   *     own
   * @throws StoreException if the node does not answer in time, or a page is damaged
   */
  long read(long page, int count, MemorySegment room, Deadline deadline) throws StoreException;

  /** Gives back what is this one's own. */
  @Override
  void close();
}
