// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.hammer;

import dev.memremap.pager.RemoteMemory;
import dev.memremap.pager.RemoteMemoryFigures;
import dev.memremap.pager.RemoteMemoryOption;
import dev.memremap.pager.store.StoreLocation;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * An application that writes and reads a remote memory from many threads, knows what it wrote, and
 * says what it read that it had not written. Each thread has one long of each page, so that a page
 * is written by all of them at once. It allocates at each access, so that the collector runs all
 * the time.
 *
 * <p>It ends with status 0 if all was right, and prints its figures.
 */
public final class Hammer {
  private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
  private static final int LONGS = 512;

  private final MemorySegment segment;
  private final int pages;
  private final AtomicReference<String> wrong = new AtomicReference<>();
  private final AtomicLong accesses = new AtomicLong();
  private volatile boolean over;

  private Hammer(RemoteMemory memory) {
    this.segment = memory.segment();
    this.pages = (int) (memory.byteSize() / memory.pageBytes());
  }

  /**
   * Runs it.
   *
   * @param arguments store, bytes, resident bytes, platform threads, virtual threads, misses after
   *     which it ends, seconds after which it ends
   */
  public static void main(String... arguments) throws Exception {
    StoreLocation store = StoreLocation.of(URI.create(arguments[0]));
    RemoteMemoryOption resident = RemoteMemory.resident(Long.parseLong(arguments[2]));
    long misses = Long.parseLong(arguments[5]);
    long until = System.nanoTime() + Duration.ofSeconds(Long.parseLong(arguments[6])).toNanos();
    try (RemoteMemory memory =
        RemoteMemory.open(
            store, Long.parseLong(arguments[1]), resident, RemoteMemory.keepUnflushed())) {
      Hammer hammer = new Hammer(memory);
      System.out.println("open");
      List<Thread> threads = new ArrayList<>();
      int platform = Integer.parseInt(arguments[3]);
      int virtual = Integer.parseInt(arguments[4]);
      for (int i = 0; i < platform + virtual; i++) {
        int number = i;
        Thread.Builder builder = i < platform ? Thread.ofPlatform() : Thread.ofVirtual();
        threads.add(builder.start(() -> hammer.work(number)));
      }
      while (memory.figures().faults() + memory.figures().readAhead() < misses
          && System.nanoTime() < until
          && hammer.wrong.get() == null) {
        Thread.sleep(20);
      }
      hammer.over = true;
      for (Thread thread : threads) {
        thread.join();
      }
      RemoteMemoryFigures figures = memory.figures();
      System.out.println(hammer.accesses + " accesses, " + figures);
      if (figures.resident() > Long.parseLong(arguments[2]) / memory.pageBytes()) {
        hammer.wrong.compareAndSet(null, "more pages in memory than allowed");
      }
      if (hammer.wrong.get() != null) {
        System.out.println("WRONG: " + hammer.wrong.get());
        Runtime.getRuntime().halt(9);
      }
    }
    System.out.println("closed");
  }

  private static long value(int thread, int page, int version) {
    long mixed = (thread * 0x9E3779B97F4A7C15L + page) * 0xBF58476D1CE4E5B9L + version;
    return version == 0 ? 0 : mixed ^ (mixed >>> 29) | 1;
  }

  private void work(int thread) {
    int[] versions = new int[pages];
    long random = thread * 7919L + 1;
    long done = 0;
    while (!over && wrong.get() == null) {
      random = random * 6364136223846793005L + 1442695040888963407L;
      int page = (int) ((random >>> 33) % pages);
      long offset = (long) page * LONGS * 8 + thread * 8L;
      long expected = value(thread, page, versions[page]);
      long found = (long) LONG.getVolatile(segment, offset);
      if (found != expected) {
        wrong.compareAndSet(
            null,
            "thread %d, page %d, version %d: %x, not %x"
                .formatted(thread, page, versions[page], found, expected));
        return;
      }
      if ((random & 0x30000) != 0) {
        versions[page]++;
        LONG.setVolatile(segment, offset, value(thread, page, versions[page]));
      }
      if (new byte[256 + (int) (random & 255)].length == 1) {
        throw new AssertionError(); // the array is what matters
      }
      if ((++done & 1023) == 0) {
        accesses.addAndGet(1024);
        Thread.yield();
      }
    }
  }
}
