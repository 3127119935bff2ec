// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.fault;

import dev.memremap.pager.internal.state.Counter;
import dev.memremap.pager.internal.state.PageState;
import dev.memremap.pager.internal.state.StateFile;
import dev.memremap.pager.internal.sys.SyscallException;
import dev.memremap.pager.store.PageStore;
import dev.memremap.pager.store.StoreException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Takes pages out of memory: protect, read, write to the store, punch, wake. A page whose store
 * does not take it stays in memory and dirty.
 *
 * <p>Thread safety: one thread's; each that evicts has one of its own. What the watch reads is
 * volatile: {@code count} and {@code since} are written before {@code first}, which is -1 while
 * nothing is written to the store.
 */
final class Eviction {
  /** How many pages are written at once at most. */
  static final int RUN = 64;

  private final PageTable table;
  private final FaultedMemory memory;
  private final DevicePages device;
  private final PageStore store;
  private final StateFile state;
  private final MemorySegment room;
  private final int[] chosen = new int[RUN];
  private volatile int count;
  private volatile long since;
  private volatile int first = -1;

  Eviction(
      PageTable table, FaultedMemory memory, DevicePages device, PageStore store, StateFile state) {
    this.table = table;
    this.memory = memory;
    this.device = device;
    this.store = store;
    this.state = state;
    this.room = Arena.ofAuto().allocate((long) RUN * memory.pageBytes(), memory.pageBytes());
  }

  /**
   * Takes some pages out of memory.
   *
   * @param most how many at most
   * @param forAhead whether the room is for pages that were not asked for yet: no hot page leaves
   * @return how many left; 0 also if the store took none of them
   */
  int evict(int most, boolean forAhead) throws SyscallException {
    int count = table.choose(chosen, Math.min(most, RUN), forAhead);
    int left = 0;
    int at = 0;
    while (at < count) {
      int run = run(at, count);
      left += evictRun(chosen[at], run, true);
      at += run;
    }
    return left;
  }

  private int run(int at, int count) {
    int run = 1;
    while (at + run < count && chosen[at + run] == chosen[at] + run) {
      run++;
    }
    return run;
  }

  /** Takes pages out of memory that {@link PageTable#claimResident} made busy. */
  void evictClaimed(int first, int count) throws SyscallException {
    evictRun(first, count, false);
  }

  private int evictRun(int first, int count, boolean chosen) throws SyscallException {
    int left = 0;
    int at = first;
    while (at < first + count) {
      boolean dirty = isDirty(at);
      int same = 1;
      int most = Math.min(first + count - at, dirty ? RUN : count);
      while (same < most && isDirty(at + same) == dirty) {
        same++;
      }
      boolean written = !dirty || writeBack(at, same);
      if (dirty && !table.reclaim(at, same, chosen)) {
        memory.wake(at, same);
      } else if (written) {
        takeOut(at, same, chosen);
        left += same;
      } else {
        table.stay(at, same, false, chosen);
        memory.wake(at, same);
      }
      at += same;
    }
    return left;
  }

  private boolean isDirty(int page) {
    return PageState.has(table.page(page), PageState.DIRTY);
  }

  private void takeOut(int first, int count, boolean remembers) throws SyscallException {
    device.handBack(first, count);
    memory.punch(first, count);
    table.left(first, count, remembers);
    memory.wake(first, count);
  }

  /**
   * Writes busy pages to the store; what the application writes to them from now on waits.
   *
   * @return whether the store took them
   */
  private boolean writeBack(int first, int count) throws SyscallException {
    try {
      write(first, count);
      return true;
    } catch (StoreException e) {
      state.add(Counter.OUTAGES, 1);
      return false;
    }
  }

  /**
   * Writes busy pages to the store; what the application writes to them from now on waits. The
   * caller asks {@link PageTable#reclaim} afterwards whether they are still its own.
   *
   * @param pages at most {@link #RUN}
   */
  void write(int page, int pages) throws SyscallException, StoreException {
    table.writing(page, pages);
    memory.protect(page, pages);
    MemorySegment bytes = room.asSlice(0, (long) pages * memory.pageBytes());
    memory.read(page, bytes);
    count = pages;
    since = System.nanoTime();
    first = page;
    try {
      store.write(page, bytes);
    } finally {
      first = -1;
    }
    state.add(Counter.WRITTEN, pages);
    state.add(Counter.BYTES_WRITTEN, bytes.byteSize());
  }

  /** Has pages abandoned that the store has not taken for as long, in nanoseconds. */
  void abandonStuck(long now, long most) throws SyscallException {
    int stuck = first;
    int end = stuck + count;
    if (stuck >= 0 && now - since >= most) {
      for (int page = stuck; page < end && first == stuck; page++) {
        table.abandon(page);
      }
    }
  }
}
