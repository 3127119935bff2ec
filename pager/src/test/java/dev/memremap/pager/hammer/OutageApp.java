// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.hammer;

import dev.memremap.pager.OnOutage;
import dev.memremap.pager.Pin;
import dev.memremap.pager.RemoteMemory;
import dev.memremap.pager.RemoteMemoryException;
import dev.memremap.pager.store.StoreLocation;
import java.lang.foreign.ValueLayout;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Applications whose store does not answer, one for each way to meet that. */
public final class OutageApp {
  private static final int PAGE = 4096;

  private OutageApp() {}

  /**
   * Runs one.
   *
   * @param arguments which, the store, and the file whose being there is the outage
   */
  public static void main(String... arguments) throws Exception {
    Path outage = Path.of(arguments[2]);
    OnOutage choice = arguments[0].equals("waits") ? OnOutage.WAIT : OnOutage.FAIL;
    try (RemoteMemory memory =
        RemoteMemory.open(
            StoreLocation.of(URI.create(arguments[1])),
            16 << 20,
            RemoteMemory.resident(1 << 20),
            RemoteMemory.limit(Duration.ofMillis(500)),
            RemoteMemory.onOutage(choice))) {
      for (int page = 0; page < 4096; page++) {
        fill(memory, page);
      }
      memory.advise(0, memory.byteSize(), dev.memremap.pager.Advice.RANDOM);
      warm(memory);
      memory.flush();
      switch (arguments[0]) {
        case "accessors" -> accessors(memory, outage);
        case "touch" -> touch(memory, outage);
        case "waits" -> waits(memory, outage);
        case "bare" -> bare(memory, outage);
        case "stores" -> stores(memory, outage);
        default -> throw new IllegalArgumentException(arguments[0]);
      }
    }
    System.out.println("closed");
  }

  /** A busy machine can need longer than the limit, and then the page is healed soon. */
  private static void fill(RemoteMemory memory, int page) throws InterruptedException {
    while (true) {
      try {
        memory.putLong((long) page * PAGE, page + 1);
        return;
      } catch (RemoteMemoryException e) {
        Thread.sleep(20);
      }
    }
  }

  /** Makes the accessors compiled code. */
  private static void warm(RemoteMemory memory) {
    long sum = 0;
    for (int i = 0; i < 200_000; i++) {
      sum += memory.getLong((i & 7L) * 8);
    }
    System.out.println("warm " + sum);
  }

  private static List<Integer> absent(RemoteMemory memory, int count) {
    // what is used last is in memory, so what was used first is not
    List<Integer> pages = new ArrayList<>();
    for (int page = 1000; pages.size() < count; page += 3) {
      pages.add(page);
    }
    memory.advise(0, memory.byteSize(), dev.memremap.pager.Advice.DONT_NEED);
    while (memory.figures().resident() > 0) {
      Thread.onSpinWait();
    }
    return pages;
  }

  private static void accessors(RemoteMemory memory, Path outage) throws Exception {
    List<Integer> pages = absent(memory, 4);
    Files.createFile(outage);
    int typed = 0;
    for (int page : pages) {
      try {
        memory.getLong((long) page * PAGE);
      } catch (RemoteMemoryException e) {
        typed += e.page().orElse(-1) == page && e.reason().length() > 5 ? 1 : 0;
        System.out.println(e.getMessage());
      }
    }
    System.out.println("typed " + typed);
    Files.delete(outage);
    heals(memory, pages);
  }

  private static void heals(RemoteMemory memory, List<Integer> pages) throws InterruptedException {
    long began = System.nanoTime();
    while (memory.figures().poisoned() > 0) {
      Thread.sleep(1);
    }
    System.out.println("healed after ms " + (System.nanoTime() - began) / 1_000_000);
    for (int page : pages) {
      if (memory.getLong((long) page * PAGE) != page + 1) {
        throw new AssertionError("page " + page);
      }
    }
    System.out.println("right");
  }

  private static void touch(RemoteMemory memory, Path outage) throws Exception {
    List<Integer> pages = absent(memory, 2);
    Files.createFile(outage);
    for (int page : pages) {
      try (Pin pin = memory.touch((long) page * PAGE, PAGE)) {
        throw new AssertionError(pin + " during an outage");
      } catch (RemoteMemoryException e) {
        System.out.println(e.getMessage());
      }
    }
    Files.delete(outage);
    for (int page : pages) {
      try (Pin pin = memory.touch((long) page * PAGE, PAGE)) {
        if (memory.segment().get(ValueLayout.JAVA_LONG, pin.offset()) != page + 1) {
          throw new AssertionError("page " + page);
        }
      }
    }
    while (memory.figures().pinned() > 0) {
      Thread.sleep(1); // a pin is closed by a message
    }
    System.out.println("right 0");
  }

  private static void waits(RemoteMemory memory, Path outage) throws Exception {
    List<Integer> pages = absent(memory, 1);
    Files.createFile(outage);
    Process ends =
        new ProcessBuilder("sh", "-c", "sleep 2; rm '%s'".formatted(outage)).inheritIO().start();
    long began = System.nanoTime();
    long value = memory.getLong((long) pages.getFirst() * PAGE);
    System.out.println("waited ms " + (System.nanoTime() - began) / 1_000_000);
    ends.waitFor();
    System.out.println(value == pages.getFirst() + 1 ? "right" : "WRONG");
  }

  private static void bare(RemoteMemory memory, Path outage) throws Exception {
    List<Integer> pages = absent(memory, 3);
    Files.createFile(outage);
    int failed = 0;
    for (int page : pages) {
      try {
        memory.segment().get(ValueLayout.JAVA_LONG, (long) page * PAGE);
        Thread.yield();
      } catch (InternalError e) {
        failed++;
      }
    }
    System.out.println("failed " + failed);
    Files.delete(outage);
    heals(memory, pages);
  }

  /** The store hangs while it is given what was stored, and the application stores on. */
  private static void stores(RemoteMemory memory, Path outage) throws Exception {
    for (int page = 0; page < 64; page++) {
      memory.putLong((long) page * PAGE, 7);
    }
    Files.createFile(outage);
    Thread flush = Thread.ofPlatform().start(memory::flush);
    Thread.sleep(200); // so that the flush has most likely begun; if not, nothing waits
    long longest = 0;
    for (int page = 0; page < 64; page++) {
      long began = System.nanoTime();
      memory.putLong((long) page * PAGE, 8);
      longest = Math.max(longest, System.nanoTime() - began);
    }
    System.out.println("stored while it hung, longest ms " + longest / 1_000_000);
    Files.delete(outage);
    flush.join();
    memory.flush();
    memory.advise(0, memory.byteSize(), dev.memremap.pager.Advice.DONT_NEED);
    while (memory.figures().resident() > 0) {
      Thread.onSpinWait();
    }
    for (int page = 0; page < 64; page++) {
      if (memory.getLong((long) page * PAGE) != 8) {
        throw new AssertionError("page " + page);
      }
    }
    System.out.println("right");
  }
}
