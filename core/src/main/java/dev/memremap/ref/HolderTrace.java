// SPDX-License-Identifier: Apache-2.0
package dev.memremap.ref;

import dev.memremap.internal.teardown.ThreadName;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Records where the references that are still out were taken, and where references were put.
 *
 * <p>A put does not say which get it belongs to. It is counted against the newest get of its own
 * thread and size, else against the oldest get of that size. Where no get has that size, it is
 * counted against the newest gets of its own thread, then against the oldest of all, then against
 * references that were taken before the tracing began. So the gets are right wherever a thread puts
 * what it took, and their number is always right. A put of more than are out is refused, and the
 * refusal lists where puts were made, up to 64 places: one of them was too many.
 *
 * <p>Thread safety: all fields and the counts in them are guarded by {@code this}.
 */
final class HolderTrace {
  private static final int DEPTH = 12;
  private static final StackWalker WALKER = StackWalker.getInstance();

  /** Callers of these take a reference; the first frame outside them is what matters. */
  private static final String INTERNAL = "dev.memremap.internal.";

  private static final Set<String> OWN =
      Set.of(
          "dev.memremap.ref.HolderTrace",
          "dev.memremap.ref.PercpuCounts",
          "dev.memremap.ref.PercpuRef",
          "dev.memremap.page.DevPagemap",
          "dev.memremap.page.Page",
          "dev.memremap.Machine",
          "dev.memremap.MachinePages",
          "dev.memremap.PagemapHold",
          "dev.memremap.Lookup",
          "dev.memremap.PageHold");

  /** How many places of puts are kept; the one used last is kept longest. */
  private static final int PLACES = 64;

  private static final int FRAMES_SHOWN = 3;

  private final Deque<Taking> taken = new ArrayDeque<>();

  /** By their frames, the one used last at the end. */
  private final Map<List<String>, Putting> puttings = new LinkedHashMap<>(16, 0.75f, true);

  private long takenCount;

  /**
   * References that were taken before the tracing began and not put yet; any number, until that is
   * known.
   */
  private long untraced = Long.MAX_VALUE / 2;

  /** How often references were put at a place, and by which thread the last time. */
  private static final class Putting {
    String thread = "";
    long count;
  }

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

  /**
   * Begins.
   *
   * @param out says how many references are out, or more; asked while no get or put is noted
   */
  synchronized void begin(LongSupplier out) {
    untraced = Math.max(0, out.getAsLong() - takenCount);
  }

  void took(long count) {
    List<String> frames = here();
    Thread thread = Thread.currentThread();
    synchronized (this) {
      taken.addFirst(new Taking(thread, ThreadName.of(thread), count, frames));
      takenCount += count;
    }
  }

  /** The initial reference can be put like those that were taken before the tracing began. */
  synchronized void tookInitial() {
    untraced++;
  }

  private static List<String> here() {
    return WALKER.walk(
        stack ->
            stack
                .dropWhile(frame -> isOwn(frame.getClassName()))
                .limit(DEPTH)
                .map(StackWalker.StackFrame::toString)
                .toList());
  }

  private static boolean isOwn(String name) {
    return name.startsWith(INTERNAL) || OWN.contains(name);
  }

  /**
   * Counts a put.
   *
   * @throws IllegalStateException if fewer are out (C-14)
   */
  void put(long count) {
    List<String> frames = here();
    synchronized (this) {
      remember(frames, count);
      if (takenCount + untraced < count) {
        throw Misuse.of(
            "cannot put %d while %d are out: somebody put one too many; these puts were made: %s"
                .formatted(count, takenCount + untraced, places()));
      }
      takeOff(count);
    }
  }

  private void remember(List<String> frames, long count) {
    Putting putting = puttings.computeIfAbsent(frames, place -> new Putting());
    putting.thread = ThreadName.of(Thread.currentThread());
    putting.count += count;
    if (puttings.size() > PLACES) {
      puttings.remove(puttings.keySet().iterator().next());
    }
  }

  private String places() {
    return puttings.entrySet().stream()
        .map(
            place ->
                "%d by thread %s at %s"
                    .formatted(
                        place.getValue().count,
                        place.getValue().thread,
                        place.getKey().stream()
                            .limit(FRAMES_SHOWN)
                            .collect(Collectors.joining(" < "))))
        .collect(Collectors.joining("; "));
  }

  private void takeOff(long count) {
    Thread thread = Thread.currentThread();
    boolean found =
        removeFirst(taken.iterator(), taking -> taking.thread == thread && taking.count == count)
            || removeFirst(taken.descendingIterator(), taking -> taking.count == count);
    long left = found ? 0 : count;
    if (!found) {
      // in other portions than it was taken, or before the tracing began
      left = subtract(left, taken.iterator(), taking -> taking.thread == thread);
      left = subtract(left, taken.descendingIterator(), taking -> true);
    }
    takenCount -= count - left;
    untraced -= left;
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
