// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.live;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The machines that were made in this JVM, for what looks at it from outside. It keeps none of
 * them: one that is not reachable any more is forgotten.
 *
 * <p>Thread safety: all methods may be called from any thread; its tables are concurrent ones.
 */
public final class LiveMachines {
  private static final Set<Entry> ENTRIES = ConcurrentHashMap.newKeySet();
  private static final ReferenceQueue<Object> GONE = new ReferenceQueue<>();
  private static final AtomicLong LAST = new AtomicLong();

  private LiveMachines() {}

  private static final class Entry extends WeakReference<Object> {
    private final long number;

    Entry(Object machine, long number) {
      super(machine, GONE);
      this.number = number;
    }
  }

  /**
   * A machine, whose type is of a higher floor.
   *
   * @param number counts the machines of this JVM, from 1
   */
  public record Numbered(long number, Object machine) {}

  /** Remembers a machine while it is reachable. */
  public static void add(Object machine) {
    for (Reference<?> gone = GONE.poll(); gone != null; gone = GONE.poll()) {
      ENTRIES.remove(gone);
    }
    ENTRIES.add(new Entry(machine, LAST.incrementAndGet()));
  }

  /** Returns those that are reachable, closed ones too, in the order in which they were made. */
  public static List<Numbered> all() {
    List<Numbered> all = new ArrayList<>();
    for (Entry entry : ENTRIES) {
      Object machine = entry.get();
      if (machine != null) {
        all.add(new Numbered(entry.number, machine));
      }
    }
    all.sort(Comparator.comparingLong(Numbered::number));
    return all;
  }
}
