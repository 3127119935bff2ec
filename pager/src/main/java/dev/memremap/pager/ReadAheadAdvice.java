// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager;

import dev.memremap.pager.internal.link.Request.Operation;
import dev.memremap.pager.internal.link.WorkerLink;

/**
 * Whether pages of a part are read ahead. The application keeps what it said, for each worker has
 * to be told.
 *
 * @param first the first page
 * @param count how many
 */
record ReadAheadAdvice(int first, int count, boolean isAhead) {
  /** Whether an older one has no meaning any more. */
  boolean covers(ReadAheadAdvice older) {
    return first <= older.first && (long) first + count >= (long) older.first + older.count;
  }

  void tell(WorkerLink link) {
    link.tell(isAhead ? Operation.READ_AHEAD : Operation.NO_READ_AHEAD, first, count);
  }
}
