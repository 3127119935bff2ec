// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import dev.memremap.internal.teardown.Log;
import dev.memremap.page.Page;
import dev.memremap.rule.Rule;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.LongConsumer;

/**
 * Logs the warnings of a machine's page maps, under the name {@code dev.memremap}: as in the
 * kernel, some only once, and at most ten in five seconds. If the heap has no room for a warning,
 * it is left out, since the step that warns must not end in its middle.
 *
 * <p>Thread safety: {@code said} and {@code queued} are concurrent; the window is guarded by {@code
 * this}.
 */
final class Warnings {
  private static final long WINDOW_NANOS = 5_000_000_000L;
  private static final int BURST = 10;

  /** Says nothing. */
  @SuppressWarnings("UnnecessaryLambda") // a method would be linked where the heap is full
  private static final LongConsumer LEFT_OUT = tooMany -> {};

  private final Set<String> said = ConcurrentHashMap.newKeySet();
  private final Queue<String> queued = new ConcurrentLinkedQueue<>();
  private long windowBegan = System.nanoTime() - WINDOW_NANOS;
  private int inWindow;
  private int suppressed;

  /** A page was freed that no callback takes: said once. */
  void freedInVain(Page page) {
    try {
      if (said.add("page_free")) {
        Log.warn(page + " was freed, and its map has no page_free to take it; its count stays 0");
      }
    } catch (OutOfMemoryError noRoom) {
      // left out
    }
  }

  /**
   * What is said when an unmapping has killed the reference of its map. It is made before the
   * unmapping begins, for making it needs room in the heap.
   */
  LongConsumer ofKill(PagemapLife life) {
    try {
      return tooMany -> sayOfKill(life, tooMany);
    } catch (OutOfMemoryError noRoom) {
      return LEFT_OUT;
    }
  }

  private void sayOfKill(PagemapLife life, long tooMany) {
    try {
      if (tooMany > 0) {
        putTooOften(life, tooMany);
      } else if (!life.ownsRef()) {
        stillLive(life);
      }
    } catch (OutOfMemoryError noRoom) {
      // left out
    }
  }

  /** A closing machine finds a map that was not unmapped. */
  void leaked(PagemapLife life) {
    try {
      say(life + " was still mapped when its machine was closed; it is unmapped now");
    } catch (OutOfMemoryError noRoom) {
      // left out
    }
  }

  /**
   * Names the lives of a closed machine that drain on; the close names those that could not end.
   */
  void drainOn(PagemapTable table) {
    try {
      for (PagemapLife life : table.lives()) {
        if (life.whyHeld() == null) {
          say(
              "the machine was closed while %s drains: %s"
                  .formatted(life, PagemapHolders.of(life)));
        }
      }
    } catch (OutOfMemoryError noRoom) {
      // left out
    }
  }

  /** C-14: said of every map that was put too often, however much was said just now. */
  private static void putTooOften(PagemapLife life, long tooMany) {
    Log.warn(
        "%s is unmapped, although %s too many [%s]"
            .formatted(
                life,
                tooMany == 1
                    ? "1 put of its reference was"
                    : tooMany + " puts of its reference were",
                Rule.C_14.id()));
  }

  /** C-2: a caller's reference should have been killed before its map is unmapped. */
  private void stillLive(PagemapLife life) {
    say(
        life
            + ": page mapping is still live! Kill the reference before the release; it is killed"
            + " now");
  }

  /** A map has drained, and what it had could not be given back yet. */
  void drainedInVain(PagemapLife life, Throwable why) {
    try {
      say(
          PagemapSentences.isHeldByIo(why)
              ? "%s has drained, and an I/O operation holds its memory; unmap it again when that has ended"
                  .formatted(life)
              : PagemapSentences.inVain(life, life.manager(), why));
    } catch (OutOfMemoryError noRoom) {
      // left out
    }
  }

  /** Says it, unless too much was said just now. */
  void say(String sentence) {
    int missed;
    synchronized (this) {
      long now = System.nanoTime();
      if (now - windowBegan >= WINDOW_NANOS) {
        windowBegan = now;
        inWindow = 0;
      }
      if (inWindow == BURST) {
        suppressed++;
        return;
      }
      inWindow++;
      missed = suppressed;
      suppressed = 0;
    }
    Log.warn(
        missed == 0
            ? sentence
            : "%s (%d warnings before it were left out)".formatted(sentence, missed));
  }

  /** An altmap has pages left when its map is gone: said once, when no lock is held any more. */
  void altmapNotEmpty(PagemapLife life) {
    try {
      if (said.add("altmap")) {
        queued.add(life + ": failed to free all reserved pages");
      }
    } catch (OutOfMemoryError noRoom) {
      // left out
    }
  }

  /** Says what was kept; called without a lock. */
  void sayQueued() {
    for (String next = queued.poll(); next != null; next = queued.poll()) {
      Log.warn(next);
    }
  }
}
