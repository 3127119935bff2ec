// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import dev.memremap.ref.Holder;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Waits for the holders of an unmapped page map, and names them. */
final class PagemapHolders {
  private static final int NAMED_HOLDERS = 5;

  private PagemapHolders() {}

  /**
   * Waits until a map's life is over, or cannot end for an I/O operation.
   *
   * @param limit how long at most; null for as long as it takes
   * @throws MemremapException {@code EBUSY} if the map is still held then
   */
  static void await(PagemapLife life, @Nullable Duration limit) {
    boolean interrupted = false;
    long end =
        limit == null ? 0 : System.nanoTime() + Math.min(limit.toNanos(), Long.MAX_VALUE / 2);
    try {
      while (true) {
        try {
          if (limit == null) {
            life.settled().await();
            return;
          }
          if (life.settled().await(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
            return;
          }
          throw stillHeld(life, limit);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static MemremapException stillHeld(PagemapLife life, Duration limit) {
    return new MemremapException(
        Errno.EBUSY,
        Rule.TD_5,
        "%s was killed, and after %s %s; it drains on, and its memory goes when they are put"
            .formatted(life, limit, of(life)));
  }

  /** How many references are held, and by whom as far as that is known. */
  static String of(PagemapLife life) {
    long out = life.outsideReferences();
    List<Holder> holders = life.ref().holders();
    String who =
        holders.isEmpty()
            ? "; traceHolders(true) would say by whom"
            : ": "
                + holders.stream()
                    .limit(NAMED_HOLDERS)
                    .map(Holder::toString)
                    .collect(Collectors.joining("; "));
    return "%d references are held%s".formatted(out, who);
  }
}
