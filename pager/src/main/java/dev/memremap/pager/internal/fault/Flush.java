// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.fault;

import dev.memremap.pager.internal.state.PageState;
import dev.memremap.pager.internal.sys.SyscallException;
import dev.memremap.pager.store.StoreException;

/**
 * Writes what the store does not have, and leaves it in memory.
 *
 * <p>Thread safety: one flush at a time, under {@code this}. A page that was written to before the
 * flush began is dirty by then, since the write passed only after the mark; so none is missed.
 */
final class Flush {
  private static final long PATIENCE_MILLIS = 100;

  private final Pager pager;
  private final Eviction eviction;

  Flush(Pager pager) {
    this.pager = pager;
    this.eviction = pager.eviction();
  }

  /**
   * Returns when the store has, and keeps, all that was written to the memory before.
   *
   * @throws StoreException if it does not; the pages stay in memory and dirty
   */
  synchronized void all() throws SyscallException, StoreException, InterruptedException {
    write(pager.table().dirty());
    pager.store().flush();
  }

  private void write(int[] pages) throws SyscallException, StoreException, InterruptedException {
    PageTable table = pager.table();
    int at = 0;
    while (at < pages.length) {
      int first = pages[at];
      switch (table.claimResident(first, PageState.DIRTY, 0)) {
        case CLAIMED -> {
          int count = 1;
          long last = pager.store().lastOfNode(first);
          while (count < Eviction.RUN
              && first + count <= last
              && at + count < pages.length
              && pages[at + count] == first + count
              && table.claimResident(first + count, PageState.DIRTY, 0) == Claim.CLAIMED) {
            count++;
          }
          writeRun(first, count);
          at += count;
        }
        // another thread has it, and may still fail to write it
        case BUSY -> table.awaitChange(PATIENCE_MILLIS);
        default -> at++;
      }
    }
  }

  private void writeRun(int first, int count) throws SyscallException, StoreException {
    boolean written = false;
    try {
      eviction.write(first, count);
      written = true;
    } finally {
      if (pager.table().reclaim(first, count, false)) {
        pager.table().stay(first, count, written, false);
      }
      pager.memory().wake(first, count);
    }
  }
}
