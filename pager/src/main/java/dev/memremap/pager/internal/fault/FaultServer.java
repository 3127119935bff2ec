// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.fault;

import dev.memremap.pager.internal.state.Counter;
import dev.memremap.pager.internal.sys.SyscallException;
import dev.memremap.pager.internal.sys.Userfault;
import dev.memremap.pager.store.StoreException;
import dev.memremap.rule.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.LockSupport;

/**
 * One thread that serves faults, one after the other. A second one is started while the first waits
 * for its store, so that a page that does not come keeps no other from coming.
 *
 * <p>Thread safety: one thread's.
 */
final class FaultServer implements Runnable {
  private static final int EVENTS = 16;
  private static final int TRIES = 100;
  private static final long PAUSE_NANOS = 200_000;

  private final Pager pager;
  private final Fetch fetch;
  private final MemorySegment events =
      Arena.ofAuto().allocate((long) EVENTS * Userfault.EVENT_BYTES, 64);

  FaultServer(Pager pager) {
    this.pager = pager;
    this.fetch = new Fetch(pager);
  }

  /** What it is bringing in. */
  Fetch fetch() {
    return fetch;
  }

  @Override
  public void run() {
    try {
      fetch.begin();
      while (!pager.isStopping()) {
        serve();
      }
    } catch (Throwable e) {
      pager.failed(e);
    }
  }

  private void serve() throws SyscallException {
    long read = pager.memory().userfault().read(events);
    if (read < 0) {
      if (read != -Errno.EINTR.number() && read != -Errno.EAGAIN.number()) {
        throw new SyscallException("read", "userfaultfd", (int) -read);
      }
      return;
    }
    for (long at = 0; at < read; at += Userfault.EVENT_BYTES) {
      if (Userfault.isFault(events, at)) {
        long page = pager.memory().pageOf(Userfault.address(events, at));
        if (page >= 0 && page < pager.table().pages()) {
          fault((int) page, Userfault.isWrite(events, at), Userfault.isProtected(events, at));
        }
      }
    }
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

  private void missing(int page, boolean isWrite) throws SyscallException {
    long since = System.nanoTime();
    int tries = 0;
    while (true) {
      switch (pager.table().claim(page)) {
        case CLAIMED -> {
          StoreException why = fetch.fault(page, isWrite, since);
          if (why == null) {
            pager.served(System.nanoTime() - since);
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
          if (fetch.eviction().evict(1, false) == 0 && ++tries >= TRIES) {
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
