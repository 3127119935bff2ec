// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.pager;

import dev.memremap.pager.RemoteMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Threads of an application that touch pages that are not in memory, each one after the other, in
 * no order.
 *
 * <p>Thread safety: one thread's; {@code next} gives each page to one of those that it starts.
 */
final class FarThreads {
  /** Pages come in the order of its multiples. */
  static final int ODD = 7919;

  private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
  private static final int PAGE = FarApp.PAGE;

  private final RemoteMemory memory;
  private final MemorySegment segment;
  private final int pages;
  private final Touch touch;
  private final AtomicInteger next = new AtomicInteger();

  /** What is done to a page. */
  enum Touch {
    /** It is read, and all pages have left when a round begins. */
    READ,
    /** It is written to, so that it has to be written back before another one may come. */
    WRITE
  }

  /**
   * What threads did in a round.
   *
   * @param faults how many
   * @param nanosEach the time of the round, divided by them
   * @param median of how long each took
   */
  record Round(int faults, double nanosEach, double median) {}

  /** Of pages whose bytes are their numbers' last ones, or 1 more. */
  FarThreads(RemoteMemory memory, Touch touch) {
    this.memory = memory;
    this.segment = memory.segment();
    this.pages = Math.toIntExact(memory.byteSize() / PAGE);
    this.touch = touch;
  }

  /** Runs so many threads until the time is over, or no page is left to be read. */
  Round run(int threads, long nanos) throws Exception {
    if (touch == Touch.READ) {
      FaultingApp.sendOut(memory);
      next.set(0);
    }
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      List<Callable<long[]>> all = new ArrayList<>();
      long began = System.nanoTime();
      for (int i = 0; i < threads; i++) {
        all.add(() -> touch(began + nanos));
      }
      List<long[]> took = new ArrayList<>();
      for (Future<long[]> each : executor.invokeAll(all)) {
        took.add(each.get());
      }
      long whole = System.nanoTime() - began;
      long[] sorted = took.stream().flatMapToLong(Arrays::stream).sorted().toArray();
      return new Round(
          sorted.length, (double) whole / sorted.length, (double) sorted[sorted.length / 2]);
    }
  }

  /** Touches pages until then, one at least, and returns how long each took. */
  private long[] touch(long end) {
    long[] took = new long[pages];
    int touched = 0;
    do {
      int number = next.getAndIncrement();
      if (touch == Touch.READ && number >= pages) {
        break;
      }
      int page = number * ODD & pages - 1;
      long began = System.nanoTime();
      access(page);
      took[touched++] = System.nanoTime() - began;
    } while (System.nanoTime() < end && touched < took.length);
    return Arrays.copyOf(took, touched);
  }

  private void access(int page) {
    long offset = (long) page * PAGE;
    if (touch == Touch.WRITE) {
      LONG.setVolatile(segment, offset + Long.BYTES, System.nanoTime());
      return;
    }
    long found = (long) LONG.getVolatile(segment, offset);
    if ((byte) found != (byte) (page | 1)) {
      throw new AssertionError("page %d has %x".formatted(page, found));
    }
  }
}
