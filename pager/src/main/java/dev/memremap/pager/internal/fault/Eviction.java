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
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

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
  private final LostNodes lost;
  private final boolean tries;
  private final MemorySegment room;
  private final int[] chosen = new int[RUN];

  /** The one that those pages are written to. */
  private @Nullable String node;

  private volatile int count;
  private volatile long since;
  private volatile int first = -1;

  /**
   * Makes one for a thread.
   *
   * @param tries whether it is the one that tries lost nodes again
   */
  Eviction(Pager pager, boolean tries) {
    this.table = pager.table();
    this.memory = pager.memory();
    this.device = pager.device();
    this.store = pager.store();
    this.state = pager.state();
    this.lost = pager.lostNodes();
    this.tries = tries;
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
    node = null;
    int count = table.choose(chosen, Math.min(most, RUN), forAhead, this::stays);
    // what need not be written does not wait for what has to be
    return evictChosen(count, false) + evictChosen(count, true);
  }

  /** What is written to is all of one node, so that no page waits for another one's. */
  private boolean stays(int page) {
    if (lost.keeps(page, tries)) {
      return true;
    }
    String of = store.nodeOf(page);
    if (node == null) {
      node = of;
    }
    return !of.equals(node);
  }

  /**
   * Takes chosen pages out that have not left yet.
   *
   * @param all whether those, too, that have to be written first
   */
  private int evictChosen(int count, boolean all) throws SyscallException {
    int left = 0;
    for (int at = 0; at < count; ) {
      int run = 0;
      while (at + run < count
          && goes(chosen[at + run], all)
          && chosen[at + run] == chosen[at] + run) {
        run++;
      }
      if (run > 0) {
        left += evictRun(chosen[at], run, true);
        Arrays.fill(chosen, at, at + run, -1);
      }
      at += Math.max(1, run);
    }
    return left;
  }

  private boolean goes(int page, boolean all) {
    return page >= 0 && (all || !isDirty(page));
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
      lost.took(page);
    } catch (StoreException e) {
      lost.refused(e.page().orElse(page), String.valueOf(e.getMessage()));
      throw e;
    } finally {
      first = -1;
    }
    state.add(Counter.WRITTEN, pages);
    state.add(Counter.BYTES_WRITTEN, bytes.byteSize());
  }

  /** Since when it waits for the store to take pages, or {@code otherwise} while it does not. */
  long since(long otherwise) {
    long began = since;
    return first >= 0 ? began : otherwise;
  }

  /** Has a node that has not answered a write for as long, in nanoseconds, count as lost. */
  void noteStuck(long now, long most) {
    int stuck = first;
    long waited = now - since;
    if (stuck >= 0 && waited >= most && first == stuck) {
      lost.refused(
          stuck, "it has not answered for %,d ms".formatted(TimeUnit.NANOSECONDS.toMillis(waited)));
    }
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
