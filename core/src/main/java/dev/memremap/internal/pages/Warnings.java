// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import dev.memremap.rule.Rule;
import java.lang.System.Logger.Level;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What a machine's page maps have to say in the log, under the name {@code dev.memremap}: as the
 * kernel does, some things once, and nothing more than ten times in five seconds.
 *
 * <p>Thread safety: {@code said} is a concurrent set; the window is guarded by {@code this}.
 */
final class Warnings {
  private static final long WINDOW_NANOS = 5_000_000_000L;
  private static final int BURST = 10;

  private final Set<String> said = ConcurrentHashMap.newKeySet();
  private long windowBegan = System.nanoTime() - WINDOW_NANOS;
  private int inWindow;
  private int suppressed;

  /** Says it, unless this machine has said so before. */
  void once(String what, String sentence) {
    if (said.add(what)) {
      log(sentence);
    }
  }

  /** C-14: said of every map that was put too often, however much was said just now. */
  static void putTooOften(PagemapLife life, long tooMany) {
    log(
        "%s is unmapped, although %s too many [%s]"
            .formatted(
                life,
                tooMany == 1
                    ? "1 put of its reference was"
                    : tooMany + " puts of its reference were",
                Rule.C_14.id()));
  }

  /** C-2: a caller's reference should have been killed before its map is unmapped. */
  void stillLive(PagemapLife life) {
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
    log(
        missed == 0
            ? sentence
            : "%s (%d warnings before it were left out)".formatted(sentence, missed));
  }

  private static void log(String sentence) {
    // asked for only here: a logger costs a short-lived command more than the rest of its start
    System.getLogger("dev.memremap").log(Level.WARNING, sentence);
  }
}
