// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import dev.memremap.internal.teardown.Log;
import dev.memremap.rule.Rule;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * What a machine's page maps have to say in the log, under the name {@code dev.memremap}: as the
 * kernel does, some things once, and nothing more than ten times in five seconds.
 *
 * <p>Thread safety: {@code said} and {@code queued} are concurrent; the window is guarded by {@code
 * this}.
 */
final class Warnings {
  private static final long WINDOW_NANOS = 5_000_000_000L;
  private static final int BURST = 10;

  private final Set<String> said = ConcurrentHashMap.newKeySet();
  private final Queue<String> queued = new ConcurrentLinkedQueue<>();
  private long windowBegan = System.nanoTime() - WINDOW_NANOS;
  private int inWindow;
  private int suppressed;

  /** Says it, unless this machine has said so before. */
  void once(String what, String sentence) {
    if (said.add(what)) {
      Log.warn(sentence);
    }
  }

  /** An unmapping has killed the reference of its map. */
  void killed(PagemapLife life, long tooMany) {
    if (tooMany > 0) {
      putTooOften(life, tooMany);
    } else if (!life.ownsRef()) {
      stillLive(life);
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
    say(
        why instanceof IllegalStateException
            ? "%s has drained, and an I/O operation holds its memory; unmap it again when that has ended"
                .formatted(life)
            : "%s has drained, and could not end; unmap it again: %s".formatted(life, why));
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

  /** Keeps what is to be said once, for a caller that holds a lock. */
  void queue(String what, String sentence) {
    if (said.add(what)) {
      queued.add(sentence);
    }
  }

  /** Says what was kept; called without a lock. */
  void sayQueued() {
    for (String next = queued.poll(); next != null; next = queued.poll()) {
      Log.warn(next);
    }
  }
}
