// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.fault;

/**
 * Sees in the order of misses which pages will be asked for next: those behind a page, where pages
 * are read one after the other, or those at the same distance from each other.
 *
 * <p>A few readers at once are told apart, each by the page that it asks for next. A reader that is
 * right gets twice as much each time; one that was wrong once is forgotten when others need its
 * place.
 *
 * <p>Thread safety: none; the thread that serves a fault asks under the lock of the fault path.
 */
final class ReadAhead {
  /** A stretch that is brought in at once: 2 MiB of small pages. */
  static final int MOST = 512;

  private static final int READERS = 8;
  private static final int FIRST = 4;
  private static final int STRIDED_MOST = 16;
  private static final int FARTHEST = 4096;

  private final int most;
  private final int[] last = new int[READERS];
  private final int[] next = new int[READERS];
  private final int[] stride = new int[READERS];
  private final int[] window = new int[READERS];
  private final long[] used = new long[READERS];
  private long clock;
  private int pages;
  private int distance;

  /**
   * @param most how many pages it brings in at once at most
   */
  ReadAhead(int most) {
    this.most = most;
    for (int i = 0; i < READERS; i++) {
      last[i] = Integer.MIN_VALUE / 2;
      next[i] = Integer.MIN_VALUE / 2;
    }
  }

  /** How many pages to bring in behind the one that was asked for last. */
  int pages() {
    return pages;
  }

  /** How far apart they are; 1 if they follow each other. */
  int distance() {
    return distance;
  }

  /**
   * A page was asked for that is not in memory. Answers by {@link #pages} and {@link #distance}.
   */
  void miss(int page) {
    clock++;
    pages = 0;
    distance = 1;
    int reader = expected(page);
    if (reader >= 0) {
      goOn(reader, page);
      return;
    }
    reader = near(page);
    if (reader >= 0) {
      stride[reader] = page - last[reader];
      window[reader] = stride[reader] == 1 ? FIRST : 0;
      pages = window[reader];
    } else {
      reader = oldest();
      stride[reader] = 0;
      window[reader] = 0;
    }
    note(reader, page);
  }

  private void goOn(int reader, int page) {
    int limit = stride[reader] == 1 ? most : Math.min(most, STRIDED_MOST);
    window[reader] = Math.min(limit, Math.max(FIRST, window[reader] * 2));
    pages = stride[reader] == 1 && window[reader] == MOST ? toEndOfExtent(page) : window[reader];
    distance = stride[reader];
    note(reader, page);
  }

  /** So that the next one begins an extent, which can move as one. */
  private static int toEndOfExtent(int page) {
    int behind = MOST - 1 - (page & (MOST - 1));
    return behind == 0 ? MOST : behind;
  }

  private void note(int reader, int page) {
    last[reader] = page;
    next[reader] =
        stride[reader] == 0 ? Integer.MIN_VALUE / 2 : page + stride[reader] * (pages + 1);
    used[reader] = clock;
  }

  private int expected(int page) {
    for (int i = 0; i < READERS; i++) {
      if (next[i] == page) {
        return i;
      }
    }
    return -1;
  }

  /** A reader with one miss behind it, or whose guess was wrong, that may have gone on to here. */
  private int near(int page) {
    int nearest = -1;
    int least = FARTHEST;
    for (int i = 0; i < READERS; i++) {
      int far = Math.abs(page - last[i]);
      if (far != 0 && far < least) {
        least = far;
        nearest = i;
      }
    }
    return nearest;
  }

  private int oldest() {
    int oldest = 0;
    for (int i = 1; i < READERS; i++) {
      if (used[i] < used[oldest]) {
        oldest = i;
      }
    }
    return oldest;
  }
}
