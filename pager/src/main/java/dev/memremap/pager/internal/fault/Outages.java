// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.fault;

import dev.memremap.pager.internal.state.PageState;
import dev.memremap.pager.internal.state.Settings;
import dev.memremap.pager.internal.sys.SyscallException;
import dev.memremap.pager.store.StoreException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Pages that are waited for and that the store does not give. It is asked again ten times a second,
 * by a thread for each of its nodes, so that a node that is back does not wait for one that is
 * lost. A page that does not come within the limit is poisoned, so that those that wait for it go
 * on with an error, and it is healed when the store gives it.
 *
 * <p>Thread safety: {@code this} guards the maps and the set, and what is not final of a {@link
 * WaitingPage}; the lock of the page table is below it. The store is asked for pages while it is
 * not held.
 */
final class Outages {
  /** How many groups of pages there are at most; nodes that are too many share one. */
  private static final int GROUPS_MOST = 16;

  private static final String OTHERS = "others";
  private static final long IDLE_NANOS = 10_000_000_000L;

  private final Pager pager;
  private final boolean poisons;
  private final long limitNanos;
  private final Map<Integer, WaitingPage> waiting = new LinkedHashMap<>();
  private final Map<Integer, String> stuck = new HashMap<>();

  /** The groups of pages, each of which has a thread that asks for them. */
  private final Set<String> groups = new HashSet<>();

  Outages(Pager pager, Settings settings) {
    this.pager = pager;
    this.poisons = settings.poisons() && pager.memory().userfault().poisons();
    this.limitNanos = settings.limit().toNanos();
  }

  /** Takes a claimed page over. */
  void add(int page, boolean isWrite, long since, StoreException why) {
    pager.table().outage(page);
    note(new WaitingPage(page, isWrite, since, why, false));
  }

  /** Takes a page over that finds no room, since no other page can leave. */
  void addWithoutRoom(int page, boolean isWrite, long since) {
    if (pager.table().setAside(page)) {
      StoreException why =
          StoreException.ofPage(
              StoreException.Kind.OUTAGE, page, pager.lostNodes().whyFull(), null);
      note(new WaitingPage(page, isWrite, since, why, false));
    }
  }

  /** A page that was poisoned before this worker. */
  void adoptPoisoned(int page) throws SyscallException {
    pager.table().setAsidePoisoned(page);
    pager.memory().poison(page); // it may have been marked and not poisoned yet
    StoreException why =
        StoreException.ofPage(StoreException.Kind.OUTAGE, page, "the store did not answer", null);
    addPoisoned(page, why);
  }

  private void note(WaitingPage of) {
    String node = pager.store().nodeOf(of.page);
    synchronized (this) {
      boolean isOther = !groups.contains(node) && groups.size() >= GROUPS_MOST - 1;
      of.group = isOther ? OTHERS : node;
      waiting.put(of.page, of);
      if (groups.add(of.group)) {
        Pager.start("outages " + of.group, new OutageAsker(pager, of.group));
      }
      notifyAll();
    }
  }

  /** Why a page is poisoned, or waited for; null if it is neither. */
  synchronized @Nullable String why(int page) {
    WaitingPage of = waiting.get(page);
    return of == null ? stuck.get(page) : of.why.getMessage();
  }

  /** Takes a page over that was poisoned before the store refused it. */
  void addPoisoned(int page, StoreException why) {
    note(new WaitingPage(page, false, System.nanoTime(), why, true));
  }

  /**
   * A page that the store was asked for, and that it neither gives nor refuses.
   *
   * @param asked whether it is still asked for it
   */
  void poisonStuck(int page, long millis, BooleanSupplier asked) throws SyscallException {
    if (poisons) {
      synchronized (this) {
        stuck.put(page, "the store has not answered for %,d ms".formatted(millis));
      }
      pager.table().poison(page, asked);
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

  /**
   * Poisons the pages that are waited for too long, and those that will never come.
   *
   * @param now as {@link System#nanoTime} counts
   */
  synchronized void poisonLate(long now) throws SyscallException {
    for (WaitingPage of : waiting.values()) {
      boolean hopeless = of.why.kind() == StoreException.Kind.DAMAGED;
      boolean late = hopeless || now - of.since >= limitNanos;
      // while the store is asked for it, the watch of what is brought in poisons it
      if (poisons && !of.poisoned && !of.asked && late) {
        of.poisoned = true;
        pager.table().poison(of.page, () -> true);
      }
    }
    stuck.keySet().removeIf(page -> !PageState.has(pager.table().page(page), PageState.POISONED));
  }

  /**
   * Waits until pages of a group are waited for, for some time.
   *
   * @return them, the one that waits longest first; none if the caller has to end, and another
   *     thread is started for the next one
   */
  synchronized List<WaitingPage> await(String group) throws InterruptedException {
    long end = System.nanoTime() + IDLE_NANOS;
    List<WaitingPage> pages = of(group);
    for (long left = IDLE_NANOS; pages.isEmpty() && left > 0; left = end - System.nanoTime()) {
      TimeUnit.NANOSECONDS.timedWait(this, left);
      pages = of(group);
    }
    if (pages.isEmpty()) {
      groups.remove(group);
    }
    return pages;
  }

  private List<WaitingPage> of(String group) {
    return waiting.values().stream().filter(of -> of.group.equals(group)).toList();
  }

  /** The store is asked for a page now. Returns whether it is poisoned. */
  synchronized boolean asks(WaitingPage of) {
    of.asked = true;
    return of.poisoned;
  }

  /** The store gave a page. */
  synchronized void came(WaitingPage of) {
    waiting.remove(of.page, of);
  }

  /** The store did not give a page. */
  synchronized void cameNot(WaitingPage of, StoreException why) {
    of.why = why;
    of.asked = false;
  }
}
