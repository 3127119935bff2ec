// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.fault;

import java.util.Arrays;
import java.util.function.IntPredicate;

/**
 * Numbers of pages in the order in which they came. A page that left from the middle stays in here
 * until its turn comes, when the reader sees by its state that it is gone, or until it is sifted
 * out.
 *
 * <p>Thread safety: none; the lock of the pager guards it.
 */
final class PageQueue {
  private int[] pages = new int[64];
  private int first;
  private int size;

  void add(int page) {
    if (size == pages.length) {
      grow();
    }
    pages[(first + size) & (pages.length - 1)] = page;
    size++;
  }

  /** Whether one more makes it larger. */
  boolean isFull() {
    return size == pages.length;
  }

  /**
   * Drops numbers, and grows where it is still nearly full thereafter.
   *
   * @param stays asked of each once, the newest first
   */
  void sift(IntPredicate stays) {
    int kept = 0;
    for (int i = size - 1; i >= 0; i--) {
      int page = pages[(first + i) & (pages.length - 1)];
      if (stays.test(page)) {
        kept++;
        pages[(first + size - kept) & (pages.length - 1)] = page;
      }
    }
    first = (first + size - kept) & (pages.length - 1);
    size = kept;
    if (size > pages.length / 8 * 7) {
      grow(); // else it would be sifted again soon
    }
  }

  private void grow() {
    int[] larger = new int[pages.length * 2];
    int ahead = Math.min(size, pages.length - first);
    System.arraycopy(pages, first, larger, 0, ahead);
    System.arraycopy(pages, 0, larger, ahead, size - ahead);
    pages = larger;
    first = 0;
  }

  int remove() {
    int page = pages[first];
    first = (first + 1) & (pages.length - 1);
    size--;
    return page;
  }

  int size() {
    return size;
  }

  /** All of them, the oldest first. */
  int[] toArray() {
    int[] all = new int[size];
    for (int i = 0; i < size; i++) {
      all[i] = pages[(first + i) & (pages.length - 1)];
    }
    return all;
  }

  void clear() {
    first = 0;
    size = 0;
    if (pages.length > 1 << 16) {
      pages = new int[64];
    } else {
      Arrays.fill(pages, 0);
    }
  }
}
