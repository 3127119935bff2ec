// SPDX-License-Identifier: Apache-2.0
package dev.memremap.ref;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Where the references were taken that are still out.
 *
 * <p>A put does not say which get it belongs to. It is counted against the newest get of its own
 * thread and size, else against the oldest get of that size. Where no get has that size, it is
 * counted against the newest gets of its own thread, and what is left against the oldest of all. So
 * the gets are right wherever a thread puts what it took, and their number is always right.
 *
 * <p>Thread safety: {@code taken} and the counts in it are guarded by {@code this}.
 */
final class HolderTrace {
  private static final int DEPTH = 12;
  private static final StackWalker WALKER = StackWalker.getInstance();

  /** Through these a reference is taken; who called them is what matters. */
  private static final String INTERNAL = "dev.memremap.internal.";

  private static final Set<String> OWN =
      Set.of(
          "dev.memremap.ref.HolderTrace",
          "dev.memremap.ref.PercpuCounts",
          "dev.memremap.ref.PercpuRef",
          "dev.memremap.page.DevPagemap",
          "dev.memremap.page.Page",
          "dev.memremap.Machine",
          "dev.memremap.MachinePages");

  private final Deque<Taking> taken = new ArrayDeque<>();

  private static final class Taking {
    final Thread thread;
    final String name;
    final List<String> frames;
    long count;

    Taking(Thread thread, String name, long count, List<String> frames) {
      this.thread = thread;
      this.name = name;
      this.count = count;
      this.frames = frames;
    }
  }

  void took(long count) {
    List<String> frames =
        WALKER.walk(
            stack ->
                stack
                    .dropWhile(frame -> isOwn(frame.getClassName()))
                    .limit(DEPTH)
                    .map(StackWalker.StackFrame::toString)
                    .toList());
    Thread thread = Thread.currentThread();
    synchronized (this) {
      taken.addFirst(new Taking(thread, thread.getName(), count, frames));
    }
  }

  private static boolean isOwn(String name) {
    return name.startsWith(INTERNAL) || OWN.contains(name);
  }

  synchronized void put(long count) {
    Thread thread = Thread.currentThread();
    boolean found =
        removeFirst(taken.iterator(), taking -> taking.thread == thread && taking.count == count)
            || removeFirst(taken.descendingIterator(), taking -> taking.count == count);
    if (!found) {
      // taken before tracing began, or in other portions than it is put
      long left = subtract(count, taken.iterator(), taking -> taking.thread == thread);
      subtract(left, taken.descendingIterator(), taking -> true);
    }
  }

  /**
   * Subtracts a number from those of some gets, in their order.
   *
   * @return what is left of the number
   */
  private static long subtract(long count, Iterator<Taking> takings, Predicate<Taking> from) {
    long left = count;
    while (left > 0 && takings.hasNext()) {
      Taking taking = takings.next();
      if (from.test(taking)) {
        long part = Math.min(left, taking.count);
        taking.count -= part;
        left -= part;
        if (taking.count == 0) {
          takings.remove();
        }
      }
    }
    return left;
  }

  private static boolean removeFirst(Iterator<Taking> takings, Predicate<Taking> wanted) {
    while (takings.hasNext()) {
      if (wanted.test(takings.next())) {
        takings.remove();
        return true;
      }
    }
    return false;
  }

  /** Oldest first. */
  synchronized List<Holder> holders() {
    return taken.reversed().stream()
        .map(taking -> new Holder(taking.name, taking.count, taking.frames))
        .toList();
  }
}
