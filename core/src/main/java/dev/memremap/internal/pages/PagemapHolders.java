// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import dev.memremap.internal.teardown.Patience;
import dev.memremap.ref.Holder;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Waits for the holders of an unmapped page map, and names them. */
final class PagemapHolders {
  private static final int NAMED_HOLDERS = 5;

  private PagemapHolders() {}

  /**
   * Waits until a map's life is over, or cannot end, or its machine closes.
   *
   * @throws MemremapException {@code EBUSY} if the patience ended before; the map drains on
   */
  static void await(PagemapLife life, Patience patience) {
    boolean settled =
        patience.await(
            nanos -> life.settled().await(nanos, TimeUnit.NANOSECONDS),
            () -> "waiting for %s, which was killed: %s".formatted(life, of(life)));
    if (!settled) {
      throw new MemremapException(
          Errno.EBUSY,
          Rule.TD_5,
          "%s was killed%s %s; it drains on, and its memory goes when they are put"
              .formatted(life, patience.waited(), of(life)));
    }
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
