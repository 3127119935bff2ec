// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.fault;

import dev.memremap.pager.internal.state.Counter;
import dev.memremap.pager.internal.sys.SyscallException;
import dev.memremap.pager.store.StoreException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Brings pages in, for one thread: the store's bytes go into memory through the device's {@code
 * migrate_to_ram}.
 *
 * <p>Thread safety: one thread's, but for what the watch reads: {@code count} and {@code since} are
 * written before {@code first}, which is -1 while nothing is brought in. {@code first} is written
 * with release and read with acquire, so the watch that sees it sees the other two; or those of a
 * later fetch, and then it finds {@code first} changed. It looks twenty times a second for
 * something that has lasted for seconds, so nothing has to be seen at once.
 */
final class Fetch implements DevicePages.Move {
  /**
   * How many pages are read and put at once: what fits into a processor's cache with its copy. A
   * thread that reads them in order is woken so often, and soon waits again.
   */
  private static final int CHUNK = 64;

  private static final VarHandle FIRST;
  private static final VarHandle COUNT;
  private static final VarHandle SINCE;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      FIRST = lookup.findVarHandle(Fetch.class, "first", int.class);
      COUNT = lookup.findVarHandle(Fetch.class, "count", int.class);
      SINCE = lookup.findVarHandle(Fetch.class, "since", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Pager pager;
  private final Eviction eviction;
  private final int chunkMost;
  private final MemorySegment room;
  private final MemorySegment roomOfOne;
  private int count;
  private long since;
  private int first = -1;
  private boolean isWrite;
  private boolean ran;
  private int done;
  private @Nullable StoreException refused;
  private @Nullable SyscallException failed;

  Fetch(Pager pager) {
    this(pager, CHUNK);
  }

  /** Makes one that reads so many pages at once at most. */
  Fetch(Pager pager, int chunkMost) {
    this.pager = pager;
    this.chunkMost = chunkMost;
    this.eviction = pager.eviction();
    int pageBytes = pager.memory().pageBytes();
    this.room = Arena.ofAuto().allocate((long) chunkMost * pageBytes, pageBytes);
    this.roomOfOne = room.asSlice(0, pageBytes);
  }

  /** To be called once by the thread that has it. */
  void begin() {
    pager.device().moveBy(this);
    pager.fetches().add(this);
  }

  /** To be called by that thread when it ends. */
  void end() {
    pager.fetches().remove(this);
    pager.evictions().remove(eviction);
  }

  /** Since when it waits for the store, or {@code otherwise} while it does not. */
  long waitsSince(long otherwise) {
    long began = since();
    return first() >= 0 ? began : eviction.since(otherwise);
  }

  /** What this thread takes pages out by. */
  Eviction eviction() {
    return eviction;
  }

  /** The first page that is being brought in; -1 if none is. */
  int first() {
    return (int) FIRST.getAcquire(this);
  }

  /** How many are being brought in. */
  int count() {
    return (int) COUNT.getOpaque(this);
  }

  /** Since when, as {@link System#nanoTime} counts. */
  long since() {
    return (long) SINCE.getOpaque(this);
  }

  /**
   * Brings a claimed page in that a thread waits for, and those that it will ask for next.
   *
   * @param began when the fault began, as {@link System#nanoTime} counts
   * @return null if the page is in memory; else why not, and the page is still claimed
   */
  @Nullable StoreException fault(int page, boolean writes, long began) throws SyscallException {
    pager.count(Counter.FAULTS, 1);
    int ahead = 0;
    int distance = 1;
    ReadAhead readAhead = pager.readAhead();
    synchronized (readAhead) {
      if (pager.readAheadParts().ahead(page)) {
        readAhead.miss(page);
        ahead = readAhead.pages();
        distance = readAhead.distance();
      }
    }
    if (ahead > 0 && distance == 1) {
      // no page waits for another one's node
      ahead = (int) Math.min(ahead, pager.store().lastOfNode(page) - page);
    }
    boolean isRun = ahead > 0 && distance == 1 && !mayWaitForRoom(page, ahead);
    int run = isRun ? 1 + claimAhead(page + 1, ahead) : 1;
    StoreException why = bring(page, run, writes, began);
    if (why == null && ahead > 0 && !isRun) {
      if (distance == 1) {
        behind(page, ahead, began);
      } else {
        strided(page, distance, ahead, began);
      }
    }
    pager.wakeEvictor();
    return why;
  }

  /** Whether pages that leave for those ahead may be another node's, and keep this one waiting. */
  private boolean mayWaitForRoom(int page, int ahead) {
    return pager.table().room() < ahead && !pager.store().nodeOf(page).isEmpty();
  }

  private void behind(int page, int most, long began) throws SyscallException {
    int run = claimAhead(page + 1, most);
    StoreException why = run > 0 ? bring(page + 1, run, false, began) : null;
    if (why != null) {
      giveUp(page + 1, 1, why);
    }
  }

  private int claimAhead(int from, int most) throws SyscallException {
    for (int lacks = most - pager.table().room(); lacks > 0; ) {
      int left = eviction.evict(lacks, true);
      if (left == 0) {
        break;
      }
      lacks -= left;
    }
    int claimed = pager.table().claimRun(from, most);
    pager.count(Counter.READ_AHEAD, claimed);
    return claimed;
  }

  private void strided(int page, int distance, int most, long began) throws SyscallException {
    long next = page;
    for (int i = 0; i < most; i++) {
      next += distance;
      if (next < 0 || next >= pager.table().pages() || claimAhead((int) next, 1) == 0) {
        return;
      }
      StoreException why = bring((int) next, 1, false, began);
      if (why != null) {
        giveUp((int) next, 1, why);
        return;
      }
    }
  }

  /**
   * Lets claimed pages go that did not come.
   *
   * @param why for those that were poisoned meanwhile
   */
  void giveUp(int page, int pages, StoreException why) {
    for (int poisoned : pager.table().gone(page, pages)) {
      pager.outages().addPoisoned(poisoned, why);
    }
    pager.memory().wake(page, pages);
  }

  /**
   * Brings claimed pages in.
   *
   * @param pages how many; those behind the first that does not come are given up
   * @param writes whether the first one is being written
   * @param began since when somebody waits for them, as {@link System#nanoTime} counts
   * @return null if the first one is in memory; else why not, and it is still claimed
   */
  @Nullable StoreException bring(int page, int pages, boolean writes, long began)
      throws SyscallException {
    isWrite = writes;
    ran = false;
    done = 0;
    refused = null;
    failed = null;
    COUNT.setOpaque(this, pages);
    SINCE.setOpaque(this, began);
    FIRST.setRelease(this, page);
    int moved;
    try {
      moved = pager.device().migrate(page, pages);
    } finally {
      FIRST.setRelease(this, -1);
    }
    if (failed != null) {
      throw failed;
    }
    // a part of the device moves as a whole, so more may be in memory than it said
    int came = Math.max(moved, done);
    if (pager.table().arrived(page, came)) {
      pager.memory().wake(page, came);
    }
    if (came < pages) {
      int kept = came == 0 ? 1 : 0;
      if (came + kept < pages) {
        int at = page + came + kept;
        giveUp(at, pages - came - kept, refused == null ? away(at) : refused);
      }
    }
    return came > 0 ? null : refused;
  }

  /** All pages are brought in when the first part of them is asked for. */
  @Override
  public boolean move(int page, int pages) {
    int start = first;
    if (!ran) {
      ran = true;
      try {
        while (done < count) {
          int chunk = Math.min(chunkMost, count - done);
          int put = put(start + done, chunk);
          done += put;
          if (put < chunk) {
            refused = away(start + done);
            break;
          }
        }
      } catch (StoreException e) {
        refused = e;
        pager.count(Counter.OUTAGES, 1);
      } catch (SyscallException e) {
        failed = e;
      }
    }
    return page + pages <= start + done;
  }

  /** A page that was not put is not in memory, and would read as zeros there. */
  private static StoreException away(int page) {
    return StoreException.ofPage(
        StoreException.Kind.OUTAGE, page, "the application has ended", null);
  }

  /** Returns how many are in memory. */
  private int put(int page, int chunk) throws StoreException, SyscallException {
    long bytes = (long) chunk * pager.memory().pageBytes();
    MemorySegment found = pager.store().read(page, chunk, room(chunk, bytes));
    pager.count(Counter.BYTES_READ, bytes);
    boolean dirty = isWrite && page == first;
    if (!dirty) {
      return pager.memory().put(page, chunk, found, true);
    }
    pager.table().arriving(page, true);
    int put = pager.memory().put(page, 1, found, false);
    if (put == 1 && chunk > 1) {
      put +=
          pager.memory().put(page + 1, chunk - 1, found.asSlice(pager.memory().pageBytes()), true);
    }
    return put;
  }

  /** One segment for all single pages, so that a store may keep what it made for it. */
  private MemorySegment room(int chunk, long bytes) {
    if (chunk == 1) {
      return roomOfOne;
    }
    return chunk == chunkMost ? room : room.asSlice(0, bytes);
  }
}
