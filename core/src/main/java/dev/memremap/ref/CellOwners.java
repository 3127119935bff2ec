// SPDX-License-Identifier: Apache-2.0
package dev.memremap.ref;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which platform thread owns which slot of cells. Slots stand in for processors and belong to the
 * whole JVM, a few for each processor. The first threads to ask own one for as long as they live;
 * other threads count in stripes.
 *
 * <p>An entry is found by the low bits of a thread's number, which no two threads of a JVM share:
 *
 * <pre>
 *   63                      12             0
 *   | the thread's number    | its slot      |     0: free; slot 0xfff: the thread asked in vain
 * </pre>
 *
 * <p>Thread safety: entries are changed under the class's lock, {@code holders} is guarded by it.
 * {@link #slot} reads without it, which suffices: only the thread itself makes an entry with its
 * number, and the entry stays while the thread lives. A slot changes hands only after {@link
 * Thread#isAlive} was false; all that its former owner wrote happened before that answer, and what
 * the next owner does comes after it, by the lock.
 */
final class CellOwners {
  /** How many threads can have cells at a time. */
  static final int SLOTS = Math.clamp(4L * Runtime.getRuntime().availableProcessors(), 16, 1024);

  /** What {@link #slot} answers for a thread without cells. */
  static final int NONE = -1;

  private static final int SLOT_BITS = 12;
  private static final int NO_SLOT = (1 << SLOT_BITS) - 1;
  private static final int ENTRIES = 1 << 12;
  private static final VarHandle ENTRY = MethodHandles.arrayElementVarHandle(long[].class);

  private static final long[] entries = new long[ENTRIES];
  private static final List<@Nullable WeakReference<Thread>> holders = new ArrayList<>();

  private CellOwners() {}

  private static int indexOf(long thread) {
    return (int) thread & (ENTRIES - 1);
  }

  /**
   * The slot of the thread that asks; {@link #NONE} if it has none.
   *
   * @param thread its number
   */
  static int slot(long thread) {
    long entry = (long) ENTRY.getOpaque(entries, indexOf(thread));
    // the slot, if the entry is this thread's; more than any slot else
    long slot = entry ^ (thread << SLOT_BITS);
    return Long.compareUnsigned(slot, NO_SLOT) < 0 ? (int) slot : NONE;
  }

  /**
   * Gives the current thread a slot, if it is a platform thread and one is free.
   *
   * @return the slot, or {@link #NONE}
   */
  static int claim() {
    Thread thread = Thread.currentThread();
    long entry = (long) ENTRY.getOpaque(entries, indexOf(thread.threadId()));
    // taken by another, or asked for in vain: a slot that is freed makes it zero again
    return thread.isVirtual() || entry != 0 ? NONE : claim(thread);
  }

  private static synchronized int claim(Thread thread) {
    int slot = free();
    if (slot == NONE) {
      sweep();
      slot = free();
    }
    if (slot != NONE) {
      holders.set(slot, new WeakReference<>(thread));
    }
    long number = thread.threadId();
    long entry = number << SLOT_BITS | (slot == NONE ? NO_SLOT : slot);
    ENTRY.setOpaque(entries, indexOf(number), entry);
    return slot;
  }

  private static int free() {
    int slot = holders.indexOf(null);
    if (slot == -1 && holders.size() < SLOTS) {
      holders.add(null);
      slot = holders.size() - 1;
    }
    return slot;
  }

  /**
   * Frees the slots of threads that have ended. Threads that asked in vain, or that share an entry
   * with one of these, can then ask again.
   */
  static synchronized void sweep() {
    boolean freed = false;
    for (int slot = 0; slot < holders.size(); slot++) {
      WeakReference<Thread> holder = holders.get(slot);
      Thread thread = holder == null ? null : holder.get();
      if (holder != null && (thread == null || !thread.isAlive())) {
        holders.set(slot, null);
        freed = true;
      }
    }
    if (!freed) {
      return;
    }
    for (int i = 0; i < ENTRIES; i++) {
      int slot = (int) entries[i] & NO_SLOT;
      if (slot == NO_SLOT || holders.get(slot) == null) {
        ENTRY.setOpaque(entries, i, 0L);
      }
    }
  }
}
