// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.hammer;

import dev.memremap.pager.RemoteMemory;
import dev.memremap.pager.RemoteMemoryFigures;
import dev.memremap.pager.RemoteMemoryOption;
import dev.memremap.pager.store.StoreLocation;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

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
  private static final long FLUSH_MILLIS = 50;
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final MemorySegment segment;
  private final int pages;
  private final AtomicReference<String> wrong = new AtomicReference<>();
  private final AtomicLong accesses = new AtomicLong();
  private final AtomicLong longest = new AtomicLong();
  private final @Nullable Journal journal;
  private volatile boolean over;
  private volatile boolean told;

  private Hammer(RemoteMemory memory, @Nullable Journal journal) {
    this.segment = memory.segment();
    this.pages = (int) (memory.byteSize() / memory.pageBytes());
    this.journal = journal;
  }

  /**
   * Runs it, until there were so many misses or it is told so: by a byte of its standard input, or
   * by the end of that.
   *
   * @param arguments store, bytes, resident bytes, platform threads, virtual threads, misses; and,
   *     if it may be killed, the file of its {@link Journal}, and "keeps" or "forgets" for what was
   *     not flushed
   */
  public static void main(String... arguments) throws Exception {
    StoreLocation store = StoreLocation.of(URI.create(arguments[0]));
    long bytes = Long.parseLong(arguments[1]);
    long resident = Long.parseLong(arguments[2]);
    int platform = Integer.parseInt(arguments[3]);
    int all = platform + Integer.parseInt(arguments[4]);
    long misses = Long.parseLong(arguments[5]);
    boolean keeps = arguments.length < 8 || arguments[7].equals("keeps");
    List<RemoteMemoryOption> options = new ArrayList<>();
    options.add(RemoteMemory.resident(resident));
    options.add(RemoteMemory.limit(LIMIT)); // that the machine is busy must not look like a fault
    if (keeps) {
      options.add(RemoteMemory.keepUnflushed());
    }
    try (RemoteMemory memory =
        RemoteMemory.open(store, bytes, options.toArray(new RemoteMemoryOption[0]))) {
      Journal journal =
          arguments.length < 7
              ? null
              : Journal.open(
                  Path.of(arguments[6]), all, (int) (bytes / memory.pageBytes()), Arena.global());
      Hammer hammer = new Hammer(memory, journal);
      System.out.println("open");
      hammer.run(memory, platform, all, misses);
      RemoteMemoryFigures figures = memory.figures();
      System.out.printf(
          "%s accesses, the longest took %,d ms, %s%n",
          hammer.accesses, hammer.longest.get() / 1_000_000, figures);
      if (figures.resident() > resident / memory.pageBytes()) {
        hammer.wrong.compareAndSet(null, "more pages in memory than allowed");
      }
      if (hammer.wrong.get() != null) {
        System.out.println("WRONG: " + hammer.wrong.get());
        Runtime.getRuntime().halt(9);
      }
    }
    System.out.println("closed");
  }

  private void run(RemoteMemory memory, int platform, int all, long misses)
      throws InterruptedException {
    Thread.ofPlatform().daemon().start(this::listen);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < all; i++) {
      int number = i;
      Thread.Builder builder = i < platform ? Thread.ofPlatform() : Thread.ofVirtual();
      threads.add(builder.start(guarded(() -> work(number))));
    }
    if (journal != null) {
      threads.add(Thread.ofPlatform().start(guarded(() -> flush(memory, journal))));
    }
    while (memory.figures().faults() < misses && !told && wrong.get() == null) {
      Thread.sleep(20);
    }
    over = true;
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private Runnable guarded(Runnable work) {
    return () -> {
      try {
        work.run();
      } catch (Throwable e) {
        wrong.compareAndSet(null, Thread.currentThread() + " failed: " + e);
      }
    };
  }

  private void listen() {
    try {
      System.in.read();
    } catch (IOException e) {
      // nothing more can be told to it, so it ends
    }
    told = true;
  }

  private void flush(RemoteMemory memory, Journal journal) {
    try {
      while (!over && wrong.get() == null) {
        journal.flush(memory::flush);
        Thread.sleep(FLUSH_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What a thread stores in a page as its version. */
  static long value(int thread, int page, int version) {
    long mixed = (thread * 0x9E3779B97F4A7C15L + page) * 0xBF58476D1CE4E5B9L + version;
    return version == 0 ? 0 : mixed ^ (mixed >>> 29) | 1;
  }

  /** One thread of 16 goes from page to page, so that pages are read ahead; the others jump. */
  private void work(int thread) {
    int[] versions = new int[pages];
    for (int page = 0; journal != null && page < pages; page++) {
      versions[page] = journal.done(thread, page);
    }
    boolean walks = thread % 16 == 15;
    long random = thread * 7919L + 1;
    long done = 0;
    long slowest = 0;
    int page = 0;
    while (!over && wrong.get() == null) {
      random = random * 6364136223846793005L + 1442695040888963407L;
      page = walks ? (page + 1) % pages : (int) ((random >>> 33) % pages);
      long offset = (long) page * LONGS * 8 + thread * 8L;
      long expected = value(thread, page, versions[page]);
      long began = System.nanoTime();
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
        store(thread, page, versions[page], offset);
      }
      slowest = Math.max(slowest, System.nanoTime() - began);
      if (new byte[256 + (int) (random & 255)].length == 1) {
        throw new AssertionError(); // the array is what matters
      }
      if ((++done & 1023) == 0) {
        accesses.addAndGet(1024);
        Thread.yield();
      }
    }
    longest.accumulateAndGet(slowest, Math::max);
  }

  private void store(int thread, int page, int version, long offset) {
    if (journal != null) {
      journal.begin(thread, page, version);
    }
    LONG.setVolatile(segment, offset, value(thread, page, version));
    if (journal != null) {
      journal.done(thread, page, version);
    }
  }
}
