// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The mappings of a machine that are not closed yet: a stack through the mappings themselves. A
 * slice of the direct map costs little else, so taking one note of it is a single compare-and-set,
 * and its close is none: those that were closed are swept out now and then, as many at a time as
 * there are living ones, or more.
 *
 * <p>Thread safety: {@code newest} is changed by compare-and-set, which publishes a mapping with
 * its {@code older}. Who sweeps holds this object's lock and alone changes {@code older} of
 * mappings that are in: it leaves out closed ones behind the newest, so that readers, who walk
 * without a lock, miss none that lives. {@code added} is a guess that may lose additions.
 */
final class LiveMappings {
  private static final int NAMED = 10;
  private static final int FEWEST_TO_SWEEP = 64;
  private static final VarHandle NEWEST;

  static {
    try {
      NEWEST = MethodHandles.lookup().findVarHandle(LiveMappings.class, "newest", Mapping.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private volatile @Nullable Mapping newest;
  private int added;
  private int sweepAfter = FEWEST_TO_SWEEP;

  void add(Mapping mapping) {
    Mapping older;
    do {
      older = newest;
      mapping.older = older;
    } while (!NEWEST.compareAndSet(this, older, mapping));
    if (++added > sweepAfter) {
      sweep();
    }
  }

  private synchronized void sweep() {
    added = 0;
    int living = 0;
    Mapping kept = newest;
    while (kept != null) {
      Mapping older = kept.older;
      while (older != null && !older.isOpen()) {
        older = older.older;
      }
      kept.older = older;
      kept = older;
      living++;
    }
    sweepAfter = Math.max(FEWEST_TO_SWEEP, living);
  }

  /** As they are now, in no order. */
  Set<Mapping> all() {
    Set<Mapping> all = new HashSet<>();
    for (Mapping each = newest; each != null; each = each.older) {
      if (each.isOpen()) {
        all.add(each);
      }
    }
    return Set.copyOf(all);
  }

  /** Names in the log what nobody closed. */
  void warnOfLeaks() {
    Set<Mapping> leaked = all();
    if (leaked.isEmpty()) {
      return;
    }
    String names =
        leaked.stream()
            .limit(NAMED)
            .map(
                mapping -> mapping + mapping.madeAt().map(place -> ", made at " + place).orElse(""))
            .collect(Collectors.joining("; "));
    // asked for only here: a logger costs a short-lived command more than the rest of its start
    System.getLogger("dev.memremap")
        .log(
            System.Logger.Level.WARNING,
            "the machine was closed with {0} live mappings, which are closed now: {1}{2}",
            leaked.size(),
            names,
            leaked.size() > NAMED ? "; and others" : "");
  }
}
