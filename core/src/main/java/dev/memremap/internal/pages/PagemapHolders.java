// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import dev.memremap.ref.Holder;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Waits for the holders of an unmapped page map, and names them. */
final class PagemapHolders {
  private static final int NAMED_HOLDERS = 5;
  private static final int NANO_DIGITS = 9;

  /** So that a moment and a limit can be added and compared as {@link System#nanoTime} has it. */
  private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE / 2);

  private PagemapHolders() {}

  /**
   * Waits until a map's life is over, or cannot end for an I/O operation.
   *
   * @param limit how long at most; null for as long as it takes
   * @throws MemremapException {@code EBUSY} if the map is still held then
   */
  static void await(PagemapLife life, @Nullable Duration limit) {
    boolean interrupted = false;
    long end = limit == null ? 0 : System.nanoTime() + nanos(limit);
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
        "%s was killed%s %s; it drains on, and its memory goes when they are put"
            .formatted(life, waited(limit), of(life)));
  }

  /** {@code , and after 1.5 s}: how long it was waited; a limit of zero does not wait. */
  private static String waited(Duration limit) {
    return limit.isPositive()
        ? ", and after %s s"
            .formatted(
                BigDecimal.valueOf(nanos(limit), NANO_DIGITS).stripTrailingZeros().toPlainString())
        : " without a wait, and";
  }

  /** A limit in nanoseconds: at least none, and at most a century and a half. */
  private static long nanos(Duration limit) {
    if (limit.isNegative()) {
      return 0;
    }
    return limit.compareTo(LONGEST) < 0 ? limit.toNanos() : LONGEST.toNanos();
  }

  /** How many references are held, and by whom as far as that is known. */
  static String of(PagemapLife life) {
    long out = life.outsideReferences();
    List<Holder> holders = life.holders();
    String who =
        holders.isEmpty()
            ? "; traceHolders(true) would say by whom"
            : ": "
                + holders.stream()
                    .limit(NAMED_HOLDERS)
                    .map(Holder::toString)
                    .collect(Collectors.joining("; "));
    return "%s held%s".formatted(out == 1 ? "1 reference is" : out + " references are", who);
  }
}
