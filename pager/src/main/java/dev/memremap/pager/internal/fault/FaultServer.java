// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.fault;

import dev.memremap.pager.internal.state.Counter;
import dev.memremap.pager.internal.sys.SyscallException;
import dev.memremap.pager.internal.sys.Userfault;
import dev.memremap.pager.store.StoreException;
import dev.memremap.rule.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;

/**
 * One thread that serves faults, one after the other. While it waits for a slow store, or for a
 * page that does not come, another one has the {@link Lead}; faults that this one was told of, and
 * has not begun to serve, are told anew.
 *
 * <p>Thread safety: one thread's, but for {@link #passOn}. That reads {@code told}, {@code rest}
 * and {@code lacksRoom} as they are: a page that is woken for nothing is asked for again.
 */
final class FaultServer implements Runnable {
  private static final int EVENTS = 16;
  private static final int TRIES = 100;
  private static final long PAUSE_NANOS = 200_000;

  private final Pager pager;
  private final Fetch fetch;
  private final Lead.Hold lead;
  private final MemorySegment events =
      Arena.ofAuto().allocate((long) EVENTS * Userfault.EVENT_BYTES, 64);

  private final MemorySegment eventsOfOne = events.asSlice(0, Userfault.EVENT_BYTES);

  /** The pages of the faults that it was told of at once, where they are more than one. */
  private final AtomicIntegerArray told = new AtomicIntegerArray(EVENTS);

  /** How many of the last ones it has not begun to serve. */
  private volatile int rest;

  /** The page for which it makes room; -1 while it makes none. */
  private volatile int lacksRoom = -1;

  FaultServer(Pager pager) {
    this.pager = pager;
    this.fetch = new Fetch(pager);
    this.lead = pager.lead().new Hold();
  }

  /** What it is bringing in. */
  Fetch fetch() {
    return fetch;
  }

  /**
   * Has another thread go on, and the faults told anew that wait for another page than their own,
   * to come or to leave.
   */
  void passOn() {
    lead.give();
    int page = lacksRoom;
    if (page >= 0) {
      pager.memory().wake(page, 1);
    }
    tellRestAnew();
  }

  private void tellRestAnew() {
    for (int left = rest; left > 0; left--) {
      pager.memory().wake(told.get(EVENTS - left), 1);
    }
  }

  @Override
  public void run() {
    try {
      fetch.begin();
      lead.take();
      while (!pager.isStopping()) {
        serve();
        lead.take();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Throwable e) {
      pager.failed(e);
    } finally {
      lead.give();
    }
  }

  private void serve() throws SyscallException {
    long read = pager.memory().userfault().read(pager.lead().isSlow() ? eventsOfOne : events);
    if (read < 0) {
      if (read != -Errno.EINTR.number() && read != -Errno.EAGAIN.number()) {
        throw new SyscallException("read", "userfaultfd", (int) -read);
      }
      return;
    }
    boolean isOne = read == Userfault.EVENT_BYTES;
    if (!isOne) {
      note(read);
    }
    for (long at = 0; at < read; at += Userfault.EVENT_BYTES) {
      if (!isOne) {
        rest = (int) ((read - at) / Userfault.EVENT_BYTES) - 1;
      }
      long page = page(at);
      if (page >= 0) {
        fault((int) page, Userfault.isWrite(events, at), Userfault.isProtected(events, at));
      }
      if (!isOne && !lead.isHeld()) {
        // another thread has the lead, and this one will serve none of the faults that are left
        tellRestAnew();
        return;
      }
    }
  }

  /** The last fault is the last in the array, so that how many are left says which they are. */
  private void note(long read) {
    for (long at = 0; at < read; at += Userfault.EVENT_BYTES) {
      int index = EVENTS - (int) ((read - at) / Userfault.EVENT_BYTES);
      told.setPlain(index, (int) Math.max(0, page(at)));
    }
  }

  /** The page that an event is about; -1 if it is about none. */
  private long page(long at) {
    if (!Userfault.isFault(events, at)) {
      return -1;
    }
    long page = pager.memory().pageOf(Userfault.address(events, at));
    return page >= 0 && page < pager.table().pages() ? page : -1;
  }

  private void fault(int page, boolean isWrite, boolean isProtected) throws SyscallException {
    if (isProtected) {
      if (pager.table().written(page)) {
        pager.count(Counter.FIRST_WRITES, 1);
      } else {
        repeated(page);
      }
      return;
    }
    missing(page, isWrite);
  }

  private void repeated(int page) {
    pager.count(Counter.REPEATED, 1);
    pager.memory().wake(page, 1);
  }

  private int makeRoom(int page) throws SyscallException {
    lacksRoom = page;
    int left = fetch.eviction().evict(1, false);
    lacksRoom = -1;
    return left;
  }

  private void missing(int page, boolean isWrite) throws SyscallException {
    if (pager.lead().isSlow()) {
      passOn();
      rest = 0;
    }
    long since = System.nanoTime();
    int tries = 0;
    while (true) {
      switch (pager.table().claim(page)) {
        case CLAIMED -> {
          StoreException why = fetch.fault(page, isWrite, since);
          long took = System.nanoTime() - since;
          pager.lead().took(took);
          if (why == null) {
            pager.served(took);
          } else {
            pager.outages().add(page, isWrite, since, why);
          }
          return;
        }
        // one that began to wait while the page was poisoned was not woken by that
        case THERE, POISONED -> {
          repeated(page);
          return;
        }
        case BUSY -> {
          pager.count(Counter.REPEATED, 1);
          return;
        }
        case NO_ROOM -> {
          if (makeRoom(page) == 0 && ++tries >= TRIES) {
            pager.outages().addWithoutRoom(page, isWrite, since);
            return;
          } else if (tries > 0) {
            LockSupport.parkNanos(PAUSE_NANOS);
          }
        }
      }
    }
  }
}
