// SPDX-License-Identifier: Apache-2.0
package dev.memremap.ref;

import dev.memremap.internal.stack.StackRoom;
import dev.memremap.rule.Rule;
import dev.memremap.spi.Membarrier;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The part of a reference's count that threads keep for themselves: the kernel's per-CPU words.
 * Platform threads add to {@link ThreadCells} once the reference has some; virtual threads, those
 * that got no slot, and all threads where cells are impossible add to {@link StripedCounts}.
 *
 * <p>A reference has cells once it was added to often: one that is made, held a few times and
 * killed costs no barrier and no memory for them.
 *
 * <p>It is exact: an {@link #addPercpu} that answers true is in the sum of the next {@link
 * #closePercpu} or of none before it, one that answers false is in no sum.
 *
 * <p>A reference extends this class instead of having a field of it, as {@code LongAdder} extends
 * {@code Striped64}: a random lookup then loads one object, and one cache line, less on its way to
 * the cell.
 *
 * <p>Thread safety: {@code addPercpu} may be called by any thread at any time, the rest is called
 * under {@code lock}, which guards {@code cells} and all changes of {@code mode} and {@code shown}.
 * These two are volatile and only tell where to try first; whether an addition counts is decided by
 * the cell or the stripe it is made to, however old what its thread read is. {@code warmth} is a
 * guess that may lose additions. {@code trace} is written under {@code lock} and volatile: an
 * addition that misses it is one that was made before the tracing began.
 */
abstract sealed class PercpuCounts permits KillableCounts {
  /** The largest number that {@link #addPercpu} takes, so that no part ever overflows. */
  static final long MOST = 1 << 16;

  /** The mode in which threads count for themselves; any bit sends them to the word. */
  private static final int PERCPU = 0;

  private static final int ATOMIC = 1;
  private static final int TRACED = 2;

  /** After this many additions to stripes, a reference gets cells. */
  private static final int HOT = 1 << 10;

  /** Cells are impossible; nothing is written any more to the field that all threads read. */
  private static final int NEVER = -1;

  /** Guards what changes seldom, in the reference, too. */
  final Object lock = new Object();

  /** The cells, in the mode PERCPU; null in any other, and before they are made. */
  private volatile @Nullable ThreadCells shown;

  private volatile @Nullable HolderTrace trace;
  private volatile int mode = ATOMIC;
  private final StripedCounts stripes = StripedCounts.closed();
  private @Nullable ThreadCells cells;
  private int warmth = FastPath.WISH == FastPath.Wish.STRIPES ? NEVER : 0;

  PercpuCounts() {}

  /**
   * Adds to this thread's part.
   *
   * @param n not zero, from -{@link #MOST} to {@link #MOST}
   * @return false if it is to be counted in the word, and then nothing was added
   */
  final boolean addPercpu(long n) {
    ThreadCells own = shown;
    if (own != null) {
      int slot = CellOwners.slot(Thread.currentThread().threadId());
      if (slot != CellOwners.NONE) {
        return own.add(slot, n);
      }
    }
    return mode == PERCPU && addShared(own, n);
  }

  private boolean addShared(@Nullable ThreadCells own, long n) {
    if (own != null) {
      int slot = CellOwners.claim();
      if (slot != CellOwners.NONE) {
        return own.add(slot, n);
      }
    } else if (warmth != NEVER && warmth++ >= HOT) {
      heat();
    }
    return stripes.add(n);
  }

  private void heat() {
    synchronized (lock) {
      Optional<Membarrier> membarrier = FastPath.membarrierSoon();
      if (membarrier.isEmpty()) {
        warmth = FastPath.isDecided() ? NEVER : 0;
      } else if (!isAtomic() && cells == null) {
        CellOwners.sweep();
        cells = ThreadCells.open(membarrier.get());
        enter(mode);
      }
    }
  }

  private void enter(int next) {
    mode = next;
    shown = next == PERCPU ? cells : null;
  }

  /** Whether all parts are closed. */
  final boolean isAtomic() {
    return (mode & ATOMIC) != 0;
  }

  private boolean isTraced() {
    return (mode & TRACED) != 0;
  }

  /**
   * Starts or stops recording where references are taken and put. Off by default, and then free of
   * cost; while it is on, each get and put walks the stack and counts atomically.
   *
   * <p>A put while only the initial reference is out is then refused ({@link Rule#C_14 C-14}).
   * References that were taken before the tracing began can be put.
   *
   * @throws IllegalStateException if the system refused the barrier (see {@link Membarrier});
   *     nothing changes then
   */
  public final void trace(boolean on) {
    StackRoom.touch();
    traceTouched(on);
  }

  /** As {@link #trace}, for a caller that has touched the stack that it takes. */
  final void traceTouched(boolean on) {
    synchronized (lock) {
      if (on == (trace != null)) {
        return;
      }
      if (on) {
        beginTrace();
      } else {
        trace = null;
        if (isAtomic()) {
          enter(mode & ~TRACED);
        } else {
          openParts(mode & ~TRACED);
        }
      }
    }
  }

  /**
   * The parts are closed while it is traced, so that no get counts in them that the trace has not
   * seen. The trace is published before it asks how many references are out: a get that does not
   * see the trace was counted before that.
   */
  private void beginTrace() {
    int before = mode;
    enter(before | TRACED);
    if (!isAtomic()) {
      boolean closed = false;
      try {
        takeIn(closeParts());
        closed = true;
      } finally {
        if (!closed) {
          enter(before);
        }
      }
    }
    HolderTrace begun = new HolderTrace();
    trace = begun;
    begun.begin(this::anonymous);
  }

  /** Adds to the word what was counted in the parts. */
  abstract void takeIn(long sum);

  /**
   * How many references were taken by gets and are still out; during gets and puts perhaps more,
   * never fewer. Called under the lock.
   */
  abstract long anonymous();

  /**
   * Lists where references that are still out were taken since tracing began, oldest first. A put
   * is matched with the newest get of the same thread and count, else with the oldest get of that
   * count, else with the newest gets of the same thread, then the oldest of all.
   *
   * @return empty if it is not traced
   */
  public final List<Holder> holders() {
    HolderTrace holders = trace;
    return holders == null ? List.of() : holders.holders();
  }

  /** Whether it records where references are taken and put. */
  final boolean isTracing() {
    return trace != null;
  }

  /** Notes that references were taken, where that is traced. */
  final void traceTaken(long n) {
    HolderTrace holders = trace;
    if (holders != null) {
      holders.took(n);
    }
  }

  /**
   * Notes that references are put, where that is traced.
   *
   * @throws IllegalStateException if so many are not out (C-14)
   */
  final void tracePut(long n) {
    HolderTrace holders = trace;
    if (holders != null) {
      holders.put(n);
    }
  }

  /** From now on the initial reference can be put like one that was taken. */
  final void traceInitial() {
    HolderTrace holders = trace;
    if (holders != null) {
      holders.tookInitial();
    }
  }

  /** Where it counts at present. */
  final Counting where() {
    if (mode != PERCPU) {
      return Counting.WORD;
    }
    return shown != null ? Counting.CELLS : Counting.STRIPES;
  }

  /** The sum of the parts; exact only between additions. Zero while closed. */
  final long sumPercpu() {
    ThreadCells own = cells;
    return stripes.sum() + (own == null ? 0 : own.sum());
  }

  /**
   * Closes all parts and returns what they held: every later {@link #addPercpu} answers false.
   *
   * @throws IllegalStateException if the system refused the barrier; then they are open
   */
  final long closePercpu() {
    enter(mode | ATOMIC);
    boolean closed = false;
    try {
      long sum = closeParts();
      closed = true;
      return sum;
    } finally {
      if (!closed) {
        enter(mode & ~ATOMIC);
      }
    }
  }

  private long closeParts() {
    long sum = cells == null ? 0 : cells.close();
    cells = null;
    return sum + stripes.close();
  }

  /** Opens all parts, which hold zero then; while it is traced, they stay closed. */
  final void openPercpu() {
    if (isTraced()) {
      enter(mode & ~ATOMIC);
    } else {
      openParts(mode & ~ATOMIC);
    }
  }

  private void openParts(int next) {
    stripes.open();
    enter(next);
    if (FastPath.WISH == FastPath.Wish.CELLS) {
      FastPath.decision();
      heat();
    }
  }
}
