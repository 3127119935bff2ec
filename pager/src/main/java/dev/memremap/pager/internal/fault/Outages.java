// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.fault;

import dev.memremap.pager.internal.state.Settings;
import dev.memremap.pager.internal.sys.SyscallException;
import dev.memremap.pager.store.StoreException;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Pages that are waited for and that the store does not give. It is asked again ten times a second.
 * A page that does not come within the limit is poisoned, so that those that wait for it go on with
 * an error, and it is healed when the store gives it.
 *
 * <p>Thread safety: {@code this} guards the map and the reasons; the lock of the page table is
 * below it. The store is asked while it is not held.
 */
final class Outages implements Runnable {
  private static final long PAUSE_MILLIS = 100;

  /** A page, and since when it is waited for. */
  private static final class Waiting {
    final int page;
    final boolean isWrite;
    final long since;
    StoreException why;
    boolean poisoned;

    Waiting(int page, boolean isWrite, long since, StoreException why) {
      this.page = page;
      this.isWrite = isWrite;
      this.since = since;
      this.why = why;
    }
  }

  private final Pager pager;
  private final boolean poisons;
  private final long limitNanos;
  private final Map<Integer, Waiting> waiting = new LinkedHashMap<>();
  private final Map<Integer, String> stuck = new HashMap<>();

  Outages(Pager pager, Settings settings) {
    this.pager = pager;
    this.poisons = settings.poisons() && pager.memory().userfault().poisons();
    this.limitNanos = settings.limit().toNanos();
  }

  /** Takes a claimed page over. */
  void add(int page, boolean isWrite, long since, StoreException why) {
    pager.table().outage(page);
    note(page, isWrite, since, why);
  }

  /** Takes a page over that finds no room, since no other page can leave. */
  void addWithoutRoom(int page, boolean isWrite, long since) {
    if (pager.table().setAside(page)) {
      note(
          page,
          isWrite,
          since,
          StoreException.ofPage(
              StoreException.Kind.OUTAGE,
              page,
              "memory is full of pages that cannot leave: they are pinned, or the store does not take what was written to them",
              null));
    }
  }

  /** A page that was poisoned before this worker. */
  void adoptPoisoned(int page) throws SyscallException {
    pager.table().setAsidePoisoned(page);
    pager.memory().poison(page); // it may have been marked and not poisoned yet
    Waiting of =
        new Waiting(
            page,
            false,
            System.nanoTime(),
            StoreException.ofPage(
                StoreException.Kind.OUTAGE, page, "the store did not answer", null));
    of.poisoned = true;
    synchronized (this) {
      waiting.put(page, of);
    }
  }

  private synchronized void note(int page, boolean isWrite, long since, StoreException why) {
    waiting.put(page, new Waiting(page, isWrite, since, why));
    notifyAll();
  }

  /** Why a page is poisoned, or waited for; null if it is neither. */
  synchronized @Nullable String why(int page) {
    Waiting of = waiting.get(page);
    return of == null ? stuck.get(page) : of.why.getMessage();
  }

  /** A page that the store was asked for, and that it neither gives nor refuses. */
  void poisonStuck(int page, long millis) throws SyscallException {
    if (poisons) {
      synchronized (this) {
        stuck.put(page, "the store has not answered for %,d ms".formatted(millis));
      }
      pager.table().poison(page);
    }
  }

  /** The store gave what it had been asked for. */
  synchronized void unstuck(int first, int count) {
    if (!stuck.isEmpty()) {
      stuck.keySet().removeIf(page -> page >= first && page < first + count);
    }
  }

  /** Whether no thread of the application waits longer than that. */
  boolean isBounded() {
    return poisons;
  }

  /** How long a fault may wait, in nanoseconds. */
  long limitNanos() {
    return limitNanos;
  }

  @Override
  public void run() {
    Fetch fetch = new Fetch(pager);
    fetch.begin();
    try {
      while (!pager.isStopping()) {
        poisonLate();
        for (Waiting next : snapshot()) {
          if (!ask(fetch, next)) {
            break;
          }
        }
        pause();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Throwable e) {
      pager.failed(e);
    }
  }

  private synchronized Waiting[] snapshot() {
    return waiting.values().toArray(new Waiting[0]);
  }

  @SuppressWarnings("WaitNotInLoop") // the caller looks again
  private synchronized void pause() throws InterruptedException {
    if (waiting.isEmpty()) {
      wait();
    } else {
      wait(PAUSE_MILLIS);
    }
  }

  private synchronized void poisonLate() throws SyscallException {
    long now = System.nanoTime();
    for (Iterator<Waiting> each = waiting.values().iterator(); each.hasNext(); ) {
      Waiting of = each.next();
      boolean hopeless = of.why.kind() == StoreException.Kind.DAMAGED;
      if (poisons && !of.poisoned && (hopeless || now - of.since >= limitNanos)) {
        of.poisoned = true;
        pager.table().poison(of.page);
      }
    }
  }

  /** Returns whether the next page is worth asking for. */
  private boolean ask(Fetch fetch, Waiting of) throws SyscallException {
    if (!pager.table().resume(of.page)
        && (fetch.eviction().evict(1, false) == 0 || !pager.table().resume(of.page))) {
      return false;
    }
    StoreException why = fetch.bring(of.page, 1, of.isWrite && !of.poisoned, of.since);
    if (why != null) {
      pager.table().outage(of.page);
      of.why = why;
      return why.kind() == StoreException.Kind.DAMAGED;
    }
    synchronized (this) {
      waiting.remove(of.page);
    }
    pager.served(System.nanoTime() - of.since);
    return true;
  }
}
