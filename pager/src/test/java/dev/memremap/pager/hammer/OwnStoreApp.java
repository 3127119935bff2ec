// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.hammer;

import dev.memremap.pager.OnOutage;
import dev.memremap.pager.RemoteMemory;
import dev.memremap.pager.RemoteMemoryException;
import dev.memremap.pager.store.StoreLocation;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/**
 * An application with a remote memory that does what it is told, a line each: {@code fill V} stores
 * version V in each page, {@code count V} says what pages have, {@code flush}, {@code close} and
 * {@code abandon} do that. It answers with {@code done}, the line, and what came of it.
 */
public final class OwnStoreApp {
  /** How many bytes its memory has. */
  static final long BYTES = 4 << 20;

  /** How many pages. */
  static final int PAGES = 1024;

  private static final int PAGE = 4096;
  private static final int FAILED_MOST = 4;

  private OwnStoreApp() {}

  /** What a page has in a version. */
  static long value(int page, long version) {
    return (page + 1) * 1_000L + version;
  }

  /**
   * Runs one.
   *
   * @param arguments the store, and what is done in an outage
   */
  @SuppressWarnings("SystemOut")
  public static void main(String... arguments) throws Exception {
    RemoteMemory memory =
        RemoteMemory.open(
            StoreLocation.of(URI.create(arguments[0])),
            BYTES,
            RemoteMemory.resident(1 << 20),
            RemoteMemory.limit(Duration.ofMillis(500)),
            RemoteMemory.onOutage(OnOutage.valueOf(arguments[1])));
    System.out.println("open");
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      System.out.println("done " + line + ": " + done(memory, line.split(" ", -1)));
    }
  }

  /** A busy machine can need longer than the limit, and then the page is healed soon. */
  private static void fill(RemoteMemory memory, int page, long version)
      throws InterruptedException {
    while (true) {
      try {
        memory.putLong((long) page * PAGE, value(page, version));
        return;
      } catch (RemoteMemoryException e) {
        Thread.sleep(20);
      }
    }
  }

  private static String done(RemoteMemory memory, String... words) throws InterruptedException {
    try {
      switch (words[0]) {
        case "fill" -> {
          for (int page = 0; page < PAGES; page++) {
            fill(memory, page, Long.parseLong(words[1]));
          }
        }
        case "count" -> {
          return count(memory, Long.parseLong(words[1]));
        }
        case "flush" -> memory.flush();
        case "close" -> memory.close();
        default -> memory.abandon();
      }
      return "well";
    } catch (RemoteMemoryException e) {
      return e.getMessage();
    }
  }

  /** Pages of this version, other ones and zeros; and why pages fail, of which few are tried. */
  private static String count(RemoteMemory memory, long version) {
    Map<String, Integer> found = new TreeMap<>();
    int failed = 0;
    for (int page = 0; page < PAGES && failed < FAILED_MOST; page++) {
      try {
        long value = memory.getLong((long) page * PAGE);
        found.merge(
            value == value(page, version) ? "right" : value == 0 ? "ZERO" : "OTHER",
            1,
            Integer::sum);
      } catch (RemoteMemoryException e) {
        failed++;
        found.merge(e.reason(), 1, Integer::sum);
      }
    }
    return found.toString();
  }
}
