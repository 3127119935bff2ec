// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Runs each of JMH's threads on a processor of its own, beginning with the last processor, because
 * the first handles the interrupts. On a virtual machine one processor may be a third slower than
 * another for minutes, and a fork that was moved between them compares the processors rather than
 * the code. JMH makes an instance in the measured JVM, as {@link #EXECUTOR} and {@link #CLASS} tell
 * it. Does not pin if there are more threads than processors, or no {@code sched_setaffinity(2)}.
 * Prints each thread's processor.
 *
 * <p>Not for a benchmark whose threads start others: they would inherit the one processor.
 *
 * <p>Thread safety: as its superclass; {@code started} is atomic, the list is not changed.
 */
public final class PinnedThreads extends ThreadPoolExecutor {
  /** The first of the two flags of a JVM that uses this. */
  static final String EXECUTOR = "-Djmh.executor=CUSTOM";

  /** The second. */
  static final String CLASS = "-Djmh.executor.class=dev.memremap.benchmarks.PinnedThreads";

  private static final int MASK_BYTES = 1024 / Byte.SIZE;

  /** Made by JMH. */
  public PinnedThreads(int threads, String prefix) {
    super(threads, threads, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>());
    AtomicInteger started = new AtomicInteger();
    List<Integer> processors = threads <= Affinity.ALLOWED.size() ? Affinity.ALLOWED : List.of();
    setThreadFactory(
        task -> {
          int number = started.getAndIncrement();
          Runnable pinned =
              () -> {
                if (!processors.isEmpty()) {
                  Affinity.pin(processors.get(number % processors.size()));
                }
                task.run();
              };
          return Thread.ofPlatform().name(prefix + "-worker-" + (number + 1)).unstarted(pinned);
        });
  }

  /** The system calls; of the calling thread, for which they take 0. */
  private static final class Affinity {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final @Nullable MethodHandle GET = call("sched_getaffinity");
    private static final @Nullable MethodHandle SET = call("sched_setaffinity");

    /** The processors that this JVM may use, the last one first; empty if that is not known. */
    private static final List<Integer> ALLOWED = allowed();

    @SuppressWarnings("restricted")
    private static @Nullable MethodHandle call(String name) {
      return LINKER
          .defaultLookup()
          .find(name)
          .map(
              function ->
                  LINKER.downcallHandle(
                      function,
                      FunctionDescriptor.of(
                          ValueLayout.JAVA_INT,
                          ValueLayout.JAVA_INT,
                          ValueLayout.JAVA_LONG,
                          ValueLayout.ADDRESS)))
          .orElse(null);
    }

    private static boolean succeeds(@Nullable MethodHandle function, MemorySegment mask) {
      try {
        return function != null && (int) function.invokeExact(0, mask.byteSize(), mask) >= 0;
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
    }

    private static List<Integer> allowed() {
      List<Integer> processors = new ArrayList<>();
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment mask = arena.allocate(MASK_BYTES, Long.BYTES);
        if (SET != null && succeeds(GET, mask)) {
          for (int i = MASK_BYTES * Byte.SIZE - 1; i >= 0; i--) {
            if ((mask.get(ValueLayout.JAVA_BYTE, i / Byte.SIZE) >> i % Byte.SIZE & 1) == 1) {
              processors.add(i);
            }
          }
        }
      }
      return List.copyOf(processors);
    }

    private static void pin(int processor) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment mask = arena.allocate(MASK_BYTES, Long.BYTES);
        mask.set(ValueLayout.JAVA_BYTE, processor / Byte.SIZE, (byte) (1 << processor % Byte.SIZE));
        boolean pinned = succeeds(SET, mask);
        System.out.printf(
            "# %s %s processor %d%n",
            Thread.currentThread().getName(), pinned ? "has" : "does not get", processor);
      }
    }
  }
}
