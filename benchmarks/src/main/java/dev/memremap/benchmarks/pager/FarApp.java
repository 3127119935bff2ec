// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.pager;

import dev.memremap.benchmarks.Program;
import dev.memremap.benchmarks.Unit;
import dev.memremap.pager.Advice;
import dev.memremap.pager.OnOutage;
import dev.memremap.pager.RemoteMemory;
import dev.memremap.pager.store.PageStore;
import dev.memremap.valkey.ValkeyLocation;
import dev.memremap.valkey.ValkeyStore;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An application of one or more threads that touch pages that are not in memory, in no order, while
 * the node that has them is behind a network.
 */
public final class FarApp {
  /** A fault of one thread, behind a network of a millisecond for the way there and back. */
  public static final String ONE = "far fault, 1 thread";

  /** A fault of sixteen threads: the time of all, divided by the number of their faults. */
  public static final String MANY = "far fault, 16 threads";

  private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
  private static final int PAGE = 4096;
  private static final int PAGES = 1 << 14;
  private static final long BYTES = (long) PAGES * PAGE;
  private static final int ODD = 7919;
  private static final int MANY_THREADS = 16;
  private static final int ROUNDS = 5;
  private static final long ROUND_NANOS = 1_000_000_000;

  private final MemorySegment segment;
  private final AtomicInteger next = new AtomicInteger();

  private FarApp(MemorySegment segment) {
    this.segment = segment;
  }

  /**
   * Prints the times of the two.
   *
   * @param words the port of the node, the one where it is far away, and {@code quick} or {@code
   *     whole}
   */
  public static void main(String... words) throws Exception {
    fill(location(words[0]));
    int rounds = words[2].equals("quick") ? 1 : ROUNDS;
    try (RemoteMemory memory =
        RemoteMemory.open(
            location(words[1]),
            BYTES,
            RemoteMemory.resident(BYTES),
            RemoteMemory.onOutage(OnOutage.WAIT))) {
      memory.advise(0, memory.byteSize(), Advice.RANDOM);
      FarApp app = new FarApp(memory.segment());
      Program.print(ONE, app.fault(memory, 1, rounds), Unit.NANOSECONDS);
      Program.print(MANY, app.fault(memory, MANY_THREADS, rounds), Unit.NANOSECONDS);
    }
  }

  private static ValkeyLocation location(String port) {
    return ValkeyStore.at("valkey://127.0.0.1:" + port).timeout(Duration.ofSeconds(30));
  }

  private static void fill(ValkeyLocation location) throws Exception {
    try (PageStore store = location.open(PAGES, PAGE);
        Arena arena = Arena.ofConfined()) {
      MemorySegment all = arena.allocate(BYTES, PAGE);
      for (int i = 0; i < PAGES; i++) {
        all.asSlice((long) i * PAGE, PAGE).fill((byte) (i | 1));
      }
      store.write(0, all);
      store.flush();
    }
  }

  /** Nanoseconds, of the best round. */
  private double fault(RemoteMemory memory, int threads, int rounds) throws Exception {
    double best = Double.MAX_VALUE;
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      for (int round = -1; round < rounds; round++) {
        FaultingApp.sendOut(memory);
        next.set(0);
        long began = System.nanoTime();
        List<Callable<Integer>> all = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
          all.add(() -> touch(began + ROUND_NANOS));
        }
        int faults = 0;
        for (Future<Integer> each : executor.invokeAll(all)) {
          faults += each.get();
        }
        if (round >= 0) {
          best = Math.min(best, (double) (System.nanoTime() - began) / faults);
        }
      }
    }
    return best;
  }

  /** Touches pages until then, and returns how many. */
  private int touch(long end) {
    int touched = 0;
    while (System.nanoTime() < end) {
      int number = next.getAndIncrement();
      if (number >= PAGES) {
        break;
      }
      int page = number * ODD & PAGES - 1;
      long found = (long) LONG.getVolatile(segment, (long) page * PAGE);
      if ((byte) found != (byte) (page | 1)) {
        throw new AssertionError("page %d has %x".formatted(page, found));
      }
      touched++;
    }
    return touched;
  }
}
