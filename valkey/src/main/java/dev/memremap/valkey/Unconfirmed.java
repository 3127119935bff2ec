// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Values of pages that a master has, and perhaps no replica yet. They are kept here, since a
 * failover may lose them there: a read takes them from here, and a new master gets them again. When
 * all room is taken, writes wait.
 *
 * <p>Thread safety: {@code this} guards all. One thread at a time writes a page.
 */
@SuppressWarnings("ReferenceEquality") // a value that is written again is another write
final class Unconfirmed {
  /** A page: what a master has, and what is on its way to one. */
  private static final class Page {
    byte @Nullable [] written;
    byte @Nullable [] coming;

    long bytes() {
      return length(written) + length(coming);
    }

    private static long length(byte @Nullable [] value) {
      return value == null ? 0 : value.length;
    }
  }

  private final long most;
  private final Map<Long, Page> pages = new LinkedHashMap<>();
  private long bytes;

  /**
   * Makes room.
   *
   * @param most how many bytes there are at most
   */
  Unconfirmed(long most) {
    this.most = most;
  }

  /**
   * Takes values that are going to be written; waits until they have room.
   *
   * @return whether there was room in time
   */
  synchronized boolean coming(long first, byte[][] values, Deadline deadline) {
    long more = 0;
    for (byte[] value : values) {
      more += value.length;
    }
    boolean interrupted = false;
    while (bytes > 0 && bytes + more > most && !deadline.isPast()) {
      notifyAll(); // what waits for half of it to be full
      try {
        TimeUnit.NANOSECONDS.timedWait(this, deadline.left());
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (bytes > 0 && bytes + more > most) {
      return false;
    }
    for (int i = 0; i < values.length; i++) {
      Page page = pages.computeIfAbsent(first + i, number -> new Page());
      bytes -= page.bytes();
      page.coming = values[i];
      bytes += page.bytes();
    }
    if (bytes >= most / 2) {
      notifyAll();
    }
    return true;
  }

  /** A master has them now; or it is not known whether one has. */
  synchronized void came(long first, byte[][] values, boolean written) {
    for (int i = 0; i < values.length; i++) {
      Page page = pages.get(first + i);
      if (page == null || page.coming != values[i]) {
        continue;
      }
      bytes -= page.bytes();
      if (written) {
        page.written = page.coming;
      }
      page.coming = null;
      bytes += page.bytes();
      if (page.written == null) {
        pages.remove(first + i);
      }
    }
    notifyAll();
  }

  /** What masters have, by page. */
  synchronized Map<Long, byte[]> written() {
    Map<Long, byte[]> all = new LinkedHashMap<>();
    pages.forEach(
        (number, page) -> {
          byte[] written = page.written;
          if (written != null) {
            all.put(number, written);
          }
        });
    return all;
  }

  /** A page's value; null if it needs not be kept here. */
  synchronized byte @Nullable [] written(long number) {
    Page page = pages.get(number);
    return page == null ? null : page.written;
  }

  /** Replicas have these, too. */
  synchronized void confirmed(Map<Long, byte[]> values) {
    values.forEach(
        (number, value) -> {
          Page page = pages.get(number);
          if (page != null && page.written == value) {
            page.written = null;
            bytes -= value.length;
            if (page.coming == null) {
              pages.remove(number);
            }
          }
        });
    notifyAll();
  }

  /** How much there is, in words. */
  synchronized String told() {
    return "%,d pages, %,d of at most %,d bytes".formatted(pages.size(), bytes, most);
  }

  /** Waits until half of the room is taken, or for so long; returns whether any is taken. */
  synchronized boolean await(long millis) throws InterruptedException {
    Deadline deadline = Deadline.in(Duration.ofMillis(millis));
    while (bytes < most / 2 && !deadline.isPast()) {
      TimeUnit.NANOSECONDS.timedWait(this, deadline.left());
    }
    return bytes > 0;
  }
}
