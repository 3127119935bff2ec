// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.fault;

import dev.memremap.pager.internal.state.Counter;
import dev.memremap.pager.internal.state.PageState;
import dev.memremap.pager.internal.sys.SyscallException;
import dev.memremap.pager.store.StoreException;
import java.util.HashMap;
import java.util.Map;

/**
 * Parts of the memory that are brought in, or sent out, because the application says so. No thread
 * of it waits in a fault for that.
 *
 * <p>Thread safety: {@code this} guards the counts of pins; what brings pages in runs without it.
 */
final class Residence {
  private static final long PATIENCE_MILLIS = 20;

  /** So many pages can never be pinned: faults and read-ahead need some to come in. */
  private static final int KEPT_FREE_SHARE = 8;

  private final Pager pager;
  private final Map<Integer, Integer> pins = new HashMap<>();

  Residence(Pager pager) {
    this.pager = pager;
  }

  /** A range that cannot be pinned, or did not come in time, in one sentence. */
  static final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;
    private final int page;

    RefusedException(int page, String sentence) {
      super(sentence);
      this.page = page;
    }

    /** The page that did not come; -1 if it is not one page's fault. */
    int page() {
      return page;
    }
  }

  /**
   * Keeps pages in memory from now on.
   *
   * @throws RefusedException if they are too many
   */
  synchronized void pin(int first, int count) throws RefusedException {
    int most = pager.table().limit() - Math.max(1, pager.table().limit() / KEPT_FREE_SHARE);
    int more = 0;
    for (int page = first; page < first + count; page++) {
      more += pins.containsKey(page) ? 0 : 1;
    }
    if (pins.size() + more > most) {
      throw new RefusedException(
          -1,
          "%,d pages cannot be pinned: %,d are, and of the %,d that may be in memory at once %,d can be; open the memory with a larger resident size, or close pins"
              .formatted(more, pins.size(), pager.table().limit(), most));
    }
    hold(first, count);
  }

  /** Goes on with a pin that another worker has granted: its pages are in memory. */
  synchronized void hold(int first, int count) {
    for (int page = first; page < first + count; page++) {
      if (pins.merge(page, 1, Integer::sum) == 1) {
        pager.table().pinned(page, true);
      }
    }
  }

  /** Takes a pin back. */
  synchronized void unpin(int first, int count) {
    for (int page = first; page < first + count; page++) {
      Integer left = pins.computeIfPresent(page, (of, pinned) -> pinned == 1 ? null : pinned - 1);
      if (left == null) {
        pager.table().pinned(page, false);
      }
    }
  }

  /** Takes all pins back that no application has spoken of since this worker began. */
  synchronized void forgetUnclaimed(int[] pinned) {
    for (int page : pinned) {
      if (!pins.containsKey(page)) {
        pager.table().pinned(page, false);
      }
    }
  }

  /**
   * Brings pages in.
   *
   * @param fetch this thread's
   * @throws RefusedException if one of them does not come within the limit of a fault
   */
  void bring(Fetch fetch, int first, int count)
      throws SyscallException, RefusedException, InterruptedException {
    long began = System.nanoTime();
    int page = first;
    while (page < first + count) {
      switch (pager.table().claim(page)) {
        case CLAIMED -> {
          int run = 1 + pager.table().claimRun(page + 1, first + count - page - 1);
          StoreException why = fetch.bring(page, run, false, began);
          if (why == null) {
            pager.count(Counter.FETCHED, run);
          } else {
            fetch.giveUp(page, 1, why);
            refuseLate(page, began, String.valueOf(why.getMessage()), why.kind());
            Thread.sleep(PATIENCE_MILLIS);
          }
        }
        case THERE -> page++;
        case BUSY, POISONED -> {
          int bits = pager.table().awaitIdle(page, PATIENCE_MILLIS);
          if (PageState.has(bits, PageState.BUSY)) {
            String why = pager.outages().why(page);
            refuseLate(page, began, why == null ? "the store did not answer" : why, kind(bits));
          }
        }
        case NO_ROOM -> {
          if (fetch.eviction().evict(Eviction.RUN, false) == 0) {
            refuseLate(page, began, pager.lostNodes().whyFull(), StoreException.Kind.OUTAGE);
            pager.table().awaitChange(PATIENCE_MILLIS);
          }
        }
      }
    }
  }

  /** A page that is poisoned has been waited for. */
  private static StoreException.Kind kind(int bits) {
    return PageState.has(bits, PageState.POISONED)
        ? StoreException.Kind.DAMAGED
        : StoreException.Kind.OUTAGE;
  }

  private void refuseLate(int page, long began, String why, StoreException.Kind kind)
      throws RefusedException {
    if (kind == StoreException.Kind.DAMAGED
        || System.nanoTime() - began >= pager.outages().limitNanos()) {
      throw new RefusedException(page, why);
    }
  }

  /**
   * Brings in as many pages as memory has room for without a hot one's leaving. Returns how many.
   */
  int preload(Fetch fetch, int first, int count) throws SyscallException {
    int came = 0;
    int page = first;
    int most = pager.table().roomBesideHot(); // more would send out what has just come
    while (page < first + count && came < most) {
      if (pager.table().room() == 0 && fetch.eviction().evict(Eviction.RUN, true) == 0) {
        break;
      }
      int run =
          pager
              .table()
              .claimRun(
                  page, Math.min(Math.min(ReadAhead.MOST, most - came), first + count - page));
      if (run == 0) {
        page++;
        continue;
      }
      StoreException why = fetch.bring(page, run, false, System.nanoTime());
      if (why != null) {
        fetch.giveUp(page, 1, why);
        break;
      }
      pager.count(Counter.FETCHED, run);
      came += run;
      page += run;
    }
    return came;
  }

  /** Takes pages out of memory that are not pinned. */
  void sendOut(Fetch fetch, int first, int count) throws SyscallException {
    int page = first;
    while (page < first + count) {
      int run = claimUnpinned(page, first + count - page);
      if (run > 0) {
        fetch.eviction().evictClaimed(page, run);
      }
      page += Math.max(run, 1);
    }
  }

  /** Makes pages busy that are in memory, up to the end of an extent. Returns how many. */
  private int claimUnpinned(int first, int most) {
    int end = first + Math.min(most, ReadAhead.MOST - first % ReadAhead.MOST);
    long last = pager.store().lastOfNode(first);
    int page = first;
    while (page < end
        && page <= last
        && pager.table().claimResident(page, 0, PageState.PINNED) == Claim.CLAIMED) {
      page++;
    }
    return page - first;
  }
}
