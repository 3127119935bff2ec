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
 * <p>A put does not say which get it belongs to. It is taken for the newest one of its own thread
 * and size, else for the oldest of another thread: right wherever a thread puts what it took, and
 * right in number everywhere.
 *
 * <p>Thread safety: {@code taken} is guarded by {@code this}.
 */
final class HolderTrace {
  private static final int DEPTH = 12;
  private static final StackWalker WALKER = StackWalker.getInstance();

  /** Through these a reference is taken; who called them is what matters. */
  private static final Set<String> OWN =
      Set.of(
          "dev.memremap.ref.HolderTrace",
          "dev.memremap.ref.PercpuRef",
          "dev.memremap.page.DevPagemap",
          "dev.memremap.page.Page",
          "dev.memremap.page.PagemapLife",
          "dev.memremap.page.Pagemaps",
          "dev.memremap.Machine");

  private final Deque<Taking> taken = new ArrayDeque<>();

  private record Taking(Thread thread, String name, long count, List<String> frames) {}

  void took(long count) {
    List<String> frames =
        WALKER.walk(
            stack ->
                stack
                    .dropWhile(frame -> OWN.contains(frame.getClassName()))
                    .limit(DEPTH)
                    .map(StackWalker.StackFrame::toString)
                    .toList());
    Thread thread = Thread.currentThread();
    synchronized (this) {
      taken.addFirst(new Taking(thread, thread.getName(), count, frames));
    }
  }

  synchronized void put(long count) {
    Thread thread = Thread.currentThread();
    boolean found =
        removeFirst(taken.iterator(), taking -> taking.thread == thread && taking.count == count)
            || removeFirst(taken.descendingIterator(), taking -> taking.count == count);
    if (!found) {
      // taken before tracing began, or in other portions than it is put
      splitOldest(count);
    }
  }

  private void splitOldest(long count) {
    Taking oldest = taken.peekLast();
    if (oldest != null && oldest.count > count) {
      taken.removeLast();
      taken.addLast(new Taking(oldest.thread, oldest.name, oldest.count - count, oldest.frames));
    }
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
