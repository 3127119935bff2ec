// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.fault;

import static dev.memremap.pager.internal.state.PageState.BUSY;
import static dev.memremap.pager.internal.state.PageState.DIRTY;
import static dev.memremap.pager.internal.state.PageState.GHOST;
import static dev.memremap.pager.internal.state.PageState.HOT;
import static dev.memremap.pager.internal.state.PageState.OF_ONE_WORKER;
import static dev.memremap.pager.internal.state.PageState.PINNED;
import static dev.memremap.pager.internal.state.PageState.POISONED;
import static dev.memremap.pager.internal.state.PageState.PRESENT;
import static dev.memremap.pager.internal.state.PageState.REFERENCED;
import static dev.memremap.pager.internal.state.PageState.has;

import dev.memremap.pager.internal.state.Counter;
import dev.memremap.pager.internal.state.StateFile;
import dev.memremap.pager.internal.sys.SyscallException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.IntPredicate;

/**
 * What each page is, and which thread may change it. Each method is one step, and no step waits for
 * a store.
 *
 * <p>A page is changed by one thread at a time, which makes it busy, and then lets it go: {@link
 * #claim} or {@link #claimRun} and {@link #arrived} or {@link #gone}; {@link #choose} or {@link
 * #claimResident} and {@link #left} or {@link #stay}. A fault that meets a busy page is dropped,
 * and that is remembered: the thread that lets the page go then wakes those that wait for it, and
 * they fault anew if they have to. That a page was put into memory has woken them too early: one
 * that wrote to it at once has met it still busy.
 *
 * <p>Thread safety: {@code this} guards all fields and the states of pages that are not busy. It is
 * a leaf: while it is held, no other lock is taken and nothing is waited for but {@link
 * #awaitChange}, which gives it up; the store is asked for the node of a page, and does not wait.
 * Two system calls are made under it. One lets a write pass: the page must not become busy between
 * the mark "dirty" and that call, or its eviction could read the page, lose the write that then
 * passes, and take the page out. The other poisons a page, which must not come in and leave again
 * between the mark and that call.
 */
final class PageTable implements PageStates {
  /** How many pages are passed over at once, before the caller pauses. */
  private static final int PASSED_OVER_MOST = 1024;

  private final StateFile state;
  private final FaultedMemory memory;
  private final Residents residents;
  private final int pages;
  private final int limit;
  private final Set<Integer> dropped = new HashSet<>();
  private final Set<Integer> writing = new HashSet<>();
  private final Set<Integer> abandoned = new HashSet<>();
  private int waiting;

  PageTable(StateFile state, FaultedMemory memory) {
    this.state = state;
    this.memory = memory;
    this.pages = state.settings().pages();
    this.limit = state.settings().residentPages();
    this.residents = new Residents(this, limit);
  }

  @Override
  public int page(int page) {
    return state.page(page);
  }

  @Override
  public void page(int page, int bits) {
    state.page(page, bits);
  }

  int pages() {
    return pages;
  }

  int limit() {
    return limit;
  }

  /** How many pages could come in before one has to leave, as it was a moment ago. */
  int room() {
    return limit - (int) state.get(Counter.RESIDENT);
  }

  /** How many pages could be in memory beside those that were asked for again. */
  synchronized int roomBesideHot() {
    return limit - residents.hot();
  }

  /** Makes an absent page busy, and counts it as being in memory. */
  synchronized Claim claim(int page) {
    int bits = state.page(page);
    if (has(bits, POISONED)) {
      return Claim.POISONED;
    }
    if (has(bits, BUSY)) {
      dropped.add(page);
      return Claim.BUSY;
    }
    if (has(bits, PRESENT)) {
      return Claim.THERE;
    }
    if (residents.size() >= limit) {
      return Claim.NO_ROOM;
    }
    enter(page);
    return Claim.CLAIMED;
  }

  private void enter(int page) {
    int bits = residents.enter(page);
    assert has(bits, BUSY);
    state.set(Counter.RESIDENT, residents.size());
  }

  /**
   * Makes absent pages busy that follow each other, up to the first that is not absent, and as far
   * as there is room.
   *
   * @return how many; 0 if the first one cannot be had
   */
  synchronized int claimRun(int first, int most) {
    int end = (int) Math.min((long) first + most, pages);
    int page = first;
    while (page < end
        && residents.size() < limit
        && (state.page(page) & (BUSY | PRESENT | POISONED)) == 0) {
      enter(page);
      page++;
    }
    return page - first;
  }

  /**
   * Says that a claimed page is about to be in memory, dirty or clean; before it is put there.
   * Called by the thread that made it busy; a pin may be set meanwhile.
   */
  synchronized void arriving(int page, boolean dirty) {
    if (dirty) {
      state.page(page, state.page(page) | DIRTY);
      state.add(Counter.DIRTY, 1);
    }
  }

  /**
   * Lets claimed pages go that are in memory now.
   *
   * @return whether a fault of one of them was dropped, so that threads that wait have to be woken
   */
  synchronized boolean arrived(int first, int count) {
    boolean wakes = false;
    for (int page = first; page < first + count; page++) {
      int bits = state.page(page);
      if (has(bits, POISONED)) {
        state.add(Counter.POISONED, -1);
        state.add(Counter.HEALED, 1);
      }
      state.page(page, bits & ~(BUSY | POISONED));
      wakes |= !dropped.isEmpty() && dropped.remove(page);
    }
    changed();
    return wakes;
  }

  /**
   * Lets claimed pages go that the store did not give. The threads that wait for them have to be
   * woken then.
   *
   * @return those that were poisoned meanwhile: they stay busy, as {@link #outage} leaves a page,
   *     until they are healed
   */
  synchronized List<Integer> gone(int first, int count) {
    List<Integer> poisoned = List.of();
    for (int page = first; page < first + count; page++) {
      if (has(state.page(page), POISONED)) {
        outage(page);
        poisoned = poisoned.isEmpty() ? new ArrayList<>() : poisoned;
        poisoned.add(page);
      } else {
        leave(page, false);
      }
    }
    changed();
    return poisoned;
  }

  private void leave(int page, boolean remembers) {
    dropped.remove(page);
    int bits = state.page(page);
    if (has(bits, DIRTY)) {
      state.add(Counter.DIRTY, -1);
    }
    residents.leave(page, remembers);
    if (has(bits, POISONED)) {
      state.page(page, state.page(page) | POISONED);
    }
    state.set(Counter.RESIDENT, residents.size());
  }

  /**
   * A claimed page's store does not answer: the page takes no room while it waits, and stays busy.
   */
  synchronized void outage(int page) {
    leave(page, false);
    state.page(page, (state.page(page) & ~GHOST) | BUSY);
    changed();
  }

  /**
   * Makes an absent page busy without room for it, as {@link #outage} leaves one.
   *
   * @return false if it is not absent, or another thread is at it
   */
  synchronized boolean setAside(int page) {
    int bits = state.page(page);
    if ((bits & (BUSY | PRESENT | POISONED)) != 0) {
      return false;
    }
    state.page(page, (bits & ~GHOST) | BUSY);
    return true;
  }

  /** Makes a poisoned page busy that no worker is at. */
  synchronized void setAsidePoisoned(int page) {
    state.page(page, state.page(page) | BUSY);
  }

  /**
   * The store of a page in {@link #outage} may answer again: it takes room.
   *
   * @return false if memory is full
   */
  synchronized boolean resume(int page) {
    if (residents.size() >= limit) {
      return false;
    }
    int poisoned = state.page(page) & POISONED;
    enter(page);
    state.page(page, state.page(page) | poisoned);
    return true;
  }

  /**
   * Makes each access to a busy page an error until it comes in. It is marked first, so that a
   * thread that gets the error finds the mark.
   *
   * @param absent whether the page is still waited for, so that it is not busy with leaving by now
   */
  synchronized void poison(int page, BooleanSupplier absent) throws SyscallException {
    int bits = state.page(page);
    if (has(bits, BUSY) && !has(bits, POISONED) && absent.getAsBoolean()) {
      state.page(page, bits | POISONED);
      state.add(Counter.POISONED, 1);
      state.add(Counter.POISONED_EVER, 1);
      memory.poison(page);
      changed();
    }
  }

  /**
   * A write met a page that is protected.
   *
   * @return false if the page is not in memory, so that the threads that wait for it have to be
   *     woken
   */
  synchronized boolean written(int page) throws SyscallException {
    int bits = state.page(page);
    if (has(bits, POISONED)) {
      return false;
    }
    if (has(bits, BUSY)) {
      dropped.add(page);
      return true;
    }
    if (!has(bits, PRESENT)) {
      return false;
    }
    if (!has(bits, DIRTY)) {
      state.add(Counter.DIRTY, 1);
    }
    state.page(page, bits | DIRTY | REFERENCED);
    memory.unprotect(page, 1);
    return true;
  }

  /**
   * Chooses pages that leave next, and makes them busy.
   *
   * @param forAhead whether the room is for pages that were not asked for yet: no hot page leaves
   * @param stays which of those that were written to are passed over; the next call goes on behind
   *     them
   * @return how many, in {@code into}, in the order of their numbers
   */
  synchronized int choose(int[] into, int most, boolean forAhead, IntPredicate stays) {
    int count = 0;
    List<Integer> kept = new ArrayList<>();
    while (count < most && kept.size() < PASSED_OVER_MOST) {
      int page = residents.choose(forAhead);
      if (page < 0) {
        break;
      }
      if (abandoned.contains(page) || (has(state.page(page), DIRTY) && stays.test(page))) {
        kept.add(page);
      } else {
        state.page(page, state.page(page) | BUSY);
        into[count++] = page;
      }
    }
    kept.forEach(residents::keep);
    Arrays.sort(into, 0, count);
    return count;
  }

  /**
   * Makes a page busy that is in memory.
   *
   * @param with bits that it has to have, too
   * @param without bits that it must not have
   * @return BUSY if another thread is at it, CLAIMED, or NO_ROOM if it is not such a page
   */
  synchronized Claim claimResident(int page, int with, int without) {
    int bits = state.page(page);
    if (has(bits, BUSY) || abandoned.contains(page)) {
      return Claim.BUSY;
    }
    int wanted = PRESENT | with;
    if ((bits & wanted) != wanted || (bits & without) != 0) {
      return Claim.NO_ROOM;
    }
    state.page(page, bits | BUSY);
    return Claim.CLAIMED;
  }

  /**
   * Lets chosen pages go that are in memory no longer.
   *
   * @param remembers whether they come in as hot if they are asked for again soon
   */
  synchronized void left(int first, int count, boolean remembers) {
    for (int page = first; page < first + count; page++) {
      leave(page, remembers);
    }
    state.add(Counter.EVICTED, count);
    changed();
  }

  /**
   * Lets busy pages go that stay in memory. The threads that wait for them have to be woken then.
   *
   * @param clean whether the store has them now, and a write to them is a fault
   * @param chosen whether {@link #choose} answered them
   */
  synchronized void stay(int first, int count, boolean clean, boolean chosen) {
    for (int page = first; page < first + count; page++) {
      int bits = state.page(page);
      if (clean && has(bits, DIRTY)) {
        state.add(Counter.DIRTY, -1);
        bits &= ~DIRTY;
      }
      state.page(page, bits & ~BUSY);
      dropped.remove(page);
      if (chosen) {
        residents.keep(page);
      }
    }
    changed();
  }

  /**
   * The store has not taken a busy page for longer than a fault may wait. Writes to it go on, and
   * it stays in memory and dirty; it is written again only when that write has come back, for the
   * two could reach the store in the wrong order.
   */
  synchronized void abandon(int page) throws SyscallException {
    // the thread that writes it may have reclaimed it by now
    if (writing.contains(page) && abandoned.add(page)) {
      state.page(page, state.page(page) & ~BUSY);
      dropped.remove(page);
      memory.unprotect(page, 1);
      changed();
    }
  }

  /** Busy pages are about to be written to the store; {@link #reclaim} ends that. */
  synchronized void writing(int first, int count) {
    for (int page = first; page < first + count; page++) {
      writing.add(page);
    }
  }

  /**
   * A write to the store has come back. If one of its pages was abandoned meanwhile, all are let
   * go, and stay in memory and dirty. The threads that wait for them have to be woken then.
   *
   * @param chosen whether {@link #choose} answered them
   * @return whether all are still the caller's
   */
  synchronized boolean reclaim(int first, int count, boolean chosen) {
    boolean all = true;
    for (int page = first; page < first + count; page++) {
      writing.remove(page);
      all &= !abandoned.contains(page);
    }
    for (int page = first; !all && page < first + count; page++) {
      if (abandoned.remove(page)) {
        if (chosen) {
          residents.keep(page);
        }
      } else {
        stay(page, 1, false, chosen);
      }
    }
    changed();
    return all;
  }

  /** Marks a page as pinned or not. */
  synchronized void pinned(int page, boolean is) {
    int bits = state.page(page);
    if (has(bits, PINNED) != is) {
      state.page(page, is ? bits | PINNED | REFERENCED : bits & ~PINNED);
      state.add(Counter.PINNED, is ? 1 : -1);
    }
  }

  /** All pages in memory that the store does not have, in the order of their numbers. */
  synchronized int[] dirty() {
    int[] found = new int[residents.size()];
    int[] count = {0};
    residents.forEach(
        page -> {
          if (has(state.page(page), DIRTY)) {
            found[count[0]++] = page;
          }
        });
    return Arrays.copyOf(found, count[0]);
  }

  /**
   * Takes a page over from the worker before.
   *
   * @param inMemory whether memory has it
   */
  synchronized void adopt(int page, boolean inMemory) {
    int bits = state.page(page) & ~OF_ONE_WORKER;
    if (inMemory) {
      // a page of which nothing was said may have been written to
      bits = has(bits, PRESENT) ? bits : bits | PRESENT | DIRTY;
      bits &= ~POISONED;
      state.page(page, bits);
      residents.adopt(page, bits);
    } else {
      bits &= ~(PRESENT | DIRTY | HOT | REFERENCED);
      state.page(page, bits);
    }
  }

  /** Sets the figures that depend on what was taken over. */
  synchronized void adopted(int dirty, int poisoned, int pinned) {
    state.set(Counter.RESIDENT, residents.size());
    state.set(Counter.DIRTY, dirty);
    state.set(Counter.POISONED, poisoned);
    state.set(Counter.PINNED, pinned);
  }

  private void changed() {
    if (waiting > 0) {
      notifyAll();
    }
  }

  /** Waits until some page was let go, or for as long; or for less: the caller looks again. */
  @SuppressWarnings("WaitNotInLoop")
  synchronized void awaitChange(long milliseconds) throws InterruptedException {
    waiting++;
    try {
      wait(milliseconds);
    } finally {
      waiting--;
    }
  }

  /** Waits until a page is not busy, or for as long. Returns its state. */
  synchronized int awaitIdle(int page, long milliseconds) throws InterruptedException {
    long until = System.nanoTime() + milliseconds * 1_000_000;
    while (has(state.page(page), BUSY)) {
      long left = (until - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        break;
      }
      awaitChange(left);
    }
    return state.page(page);
  }
}
