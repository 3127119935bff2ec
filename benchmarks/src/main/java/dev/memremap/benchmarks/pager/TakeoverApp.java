// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.pager;

import dev.memremap.benchmarks.Program;
import dev.memremap.benchmarks.Unit;
import dev.memremap.pager.Advice;
import dev.memremap.pager.RemoteMemory;
import dev.memremap.pager.internal.process.RunningMemory;
import dev.memremap.pager.internal.state.Counter;
import dev.memremap.pager.internal.state.StateFile;
import dev.memremap.pager.internal.state.StateFile.Role;
import dev.memremap.pager.internal.sys.Native;
import dev.memremap.pager.store.FileStore;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;

/**
 * An application whose worker is killed while one of its threads meets a missing page after the
 * other: what passes from the kill until the next worker has served a fault of that thread.
 *
 * <p>Thread safety: {@code awaited} and {@code ends} are volatile; {@code served} is a queue.
 */
public final class TakeoverApp {
  /** The median of a takeover. */
  public static final String MEDIAN = "takeover, median";

  /** The longest takeover. */
  public static final String WORST = "takeover, worst";

  private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
  private static final int PAGE = 4096;
  private static final int PAGES = 1 << 14;
  private static final int RESIDENT = 1 << 10;
  private static final int ODD = 0x9E3779B1;
  private static final int KILLS = 20;
  private static final int QUICK_KILLS = 2;

  /** Faults are served so long before each kill, and the standby has rehearsed by then. */
  private static final long BETWEEN_MILLIS = 2_000;

  private final MemorySegment segment;
  private final StateFile state;
  private final LinkedBlockingQueue<Long> served = new LinkedBlockingQueue<>();
  private volatile long awaited;
  private volatile boolean ends;

  private TakeoverApp(MemorySegment segment, StateFile state) {
    this.segment = segment;
    this.state = state;
  }

  /**
   * Runs it.
   *
   * @param words {@code quick} if it is enough to see that it works
   */
  public static void main(String... words) throws Exception {
    Path folder = Files.createTempDirectory("memremap-bench-takeover-");
    try (RemoteMemory memory =
        RemoteMemory.open(
            FileStore.at(folder.resolve("store")),
            (long) PAGES * PAGE,
            RemoteMemory.resident((long) RESIDENT * PAGE))) {
      for (int page = 0; page < PAGES; page++) {
        memory.putLong((long) page * PAGE, page);
      }
      memory.flush();
      memory.advise(0, memory.byteSize(), Advice.RANDOM);
      try (RunningMemory seen =
          RunningMemory.of(Native.calls(), ProcessHandle.current().pid()).getFirst()) {
        print(
            new TakeoverApp(memory.segment(), seen.state())
                .takeovers(seen, words.length == 0 ? KILLS : QUICK_KILLS));
      }
    } finally {
      delete(folder);
    }
  }

  private static void print(long... nanos) {
    Arrays.sort(nanos);
    Program.print(MEDIAN, nanos[nanos.length / 2], Unit.NANOSECONDS);
    Program.print(WORST, nanos[nanos.length - 1], Unit.NANOSECONDS);
  }

  private long[] takeovers(RunningMemory seen, int kills) throws Exception {
    // without its thread no takeover is ever seen
    Thread faulting =
        Thread.ofPlatform()
            .name("faulting")
            .uncaughtExceptionHandler((thread, why) -> fail(why))
            .start(this::fault);
    long[] took = new long[kills];
    for (int i = 0; i < kills; i++) {
      while (!seen.lives(Role.STANDBY)) {
        Thread.sleep(10);
      }
      Thread.sleep(BETWEEN_MILLIS);
      ProcessHandle worker = ProcessHandle.of(state.process(Role.WORKER)).orElseThrow();
      awaited = state.get(Counter.TAKEOVERS) + 1;
      long began = System.nanoTime();
      worker.destroyForcibly();
      took[i] = served.take() - began;
    }
    ends = true;
    faulting.join();
    return took;
  }

  @SuppressWarnings("SystemOut") // the one that started this shows it
  private static void fail(Throwable why) {
    System.out.println("the thread that faults has failed: " + why);
    Runtime.getRuntime().halt(1);
  }

  private void fault() {
    for (int i = 0; !ends; i++) {
      int page = (i * ODD) & (PAGES - 1);
      long found = (long) LONG.getVolatile(segment, (long) page * PAGE);
      long now = System.nanoTime();
      if (found != page) {
        throw new AssertionError("page %d has %d".formatted(page, found));
      }
      // a page that the killed worker gave may be seen late, after another process is the worker
      if (awaited != 0 && state.get(Counter.TAKEOVERS) >= awaited) {
        awaited = 0;
        served.add(now);
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(folder)) {
      files = all.toList();
    }
    for (Path each : files) {
      Files.delete(each);
    }
    Files.delete(folder);
  }
}
