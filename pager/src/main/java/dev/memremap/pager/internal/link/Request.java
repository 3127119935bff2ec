// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.link;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Something that is asked of the worker.
 *
 * @param id by which the answer says what it answers; {@link #UNANSWERED} if none is wanted
 * @param operation what is asked
 * @param first the first page
 * @param count how many pages
 * @param text what else, such as a name; empty if there is nothing
 */
public record Request(long id, Operation operation, int first, int count, String text) {
  /** The number of each request whose answer does not matter. */
  static final long UNANSWERED = 0;

  /** How many bytes a text has at most. */
  static final int TEXT_MOST = 1 << 20;

  /**
   * @throws IllegalArgumentException if the text is longer than a worker takes
   */
  public Request {
    int bytes = text.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > TEXT_MOST) {
      throw new IllegalArgumentException(
          "a text of %,d bytes: a request has at most %,d".formatted(bytes, TEXT_MOST));
    }
  }

  /**
   * Returns why its pages lie outside a memory of so many; null if they lie inside, or if it names
   * no pages. What came over a socket can be anything.
   */
  public @Nullable String outside(int pages) {
    if (!operation.namesPages() || (first >= 0 && count > 0 && first <= pages - count)) {
      return null;
    }
    return "%,d pages from page %,d on: the memory has the pages 0 to %,d"
        .formatted(count, first, pages - 1);
  }

  /** What can be asked. */
  public enum Operation {
    /** Bring pages in, and keep them until UNPIN. */
    PIN,
    /**
     * A PIN that a worker before has answered: keep pages in memory, where they are, until UNPIN.
     */
    HELD,
    /** Take one PIN or HELD of the same pages back. */
    UNPIN,
    /** All pins that this application has were named since it connected. */
    PINS_NAMED,
    /** Bring pages in as far as there is room; answers how many came. */
    PRELOAD,
    /** Read pages ahead in this part. */
    READ_AHEAD,
    /** Read no pages ahead in this part. */
    NO_READ_AHEAD,
    /** Send pages out. */
    SEND_OUT,
    /** Write to the store what it does not have. */
    FLUSH,
    /** Flush, and make a copy of the store with the name in the text; answers where it is. */
    SNAPSHOT,
    /** Why a page is poisoned or waited for; answers the sentence. */
    WHY,
    /**
     * How long faults took since this worker began: the text has quantiles from 0 to 1 as words,
     * and the answer their nanoseconds.
     */
    LATENCIES,
    /** What the store says of itself; answers {@code StoreFact}s as text. */
    STORE,
    /** What the store's nodes have done; answers {@code NodeFigures} as text. */
    NODES,
    /** Flush, and end. */
    CLOSE,
    /** End without flushing. */
    ABANDON;

    /** Whether it is about pages that the request names. */
    boolean namesPages() {
      return switch (this) {
        case PIN, HELD, UNPIN, PRELOAD, READ_AHEAD, NO_READ_AHEAD, SEND_OUT, WHY -> true;
        case PINS_NAMED, FLUSH, SNAPSHOT, LATENCIES, STORE, NODES, CLOSE, ABANDON -> false;
      };
    }

    /**
     * Whether it is done at once, so that it need not wait behind those that wait for a store.
     * Those of one connection are done in order: an UNPIN never before its HELD.
     */
    boolean isQuick() {
      return switch (this) {
        case HELD,
            UNPIN,
            PINS_NAMED,
            READ_AHEAD,
            NO_READ_AHEAD,
            WHY,
            LATENCIES,
            STORE,
            NODES,
            ABANDON ->
            true;
        case PIN, PRELOAD, SEND_OUT, FLUSH, SNAPSHOT, CLOSE -> false;
      };
    }
  }
}
