// SPDX-License-Identifier: Apache-2.0
package dev.memremap.ref;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The holders of a traced reference: gets and puts of several threads, platform and virtual. */
class HolderTraceTest {
  private final PercpuRef ref = PercpuRef.init();

  /** What carries out the steps of a case. */
  private enum Kind {
    PLATFORM,
    VIRTUAL,
    MIXED;

    Thread.Builder builder(int nth) {
      boolean virtual = this == VIRTUAL || (this == MIXED && nth % 2 == 1);
      return virtual ? Thread.ofVirtual() : Thread.ofPlatform();
    }
  }

  /** Threads by name; each carries out one step after the other, and is done before the next. */
  private static final class Actors implements AutoCloseable {
    private final Kind kind;
    private final Map<String, LinkedBlockingQueue<Runnable>> steps = new TreeMap<>();
    private final LinkedBlockingQueue<Object> done = new LinkedBlockingQueue<>();
    private final List<Thread> threads = new ArrayList<>();
    private boolean ended;

    Actors(Kind kind) {
      this.kind = kind;
    }

    void run(String name, Runnable step) {
      steps.computeIfAbsent(name, this::start).add(step);
      Object outcome = take(done);
      if (outcome instanceof Throwable thrown) {
        throw new AssertionError(name, thrown);
      }
    }

    private LinkedBlockingQueue<Runnable> start(String name) {
      LinkedBlockingQueue<Runnable> queue = new LinkedBlockingQueue<>();
      threads.add(
          kind.builder(threads.size())
              .name(name)
              .start(
                  () -> {
                    for (Runnable step = take(queue); !ended; step = take(queue)) {
                      try {
                        step.run();
                        done.add("done");
                      } catch (RuntimeException | Error e) {
                        done.add(e);
                      }
                    }
                  }));
      return queue;
    }

    private static <T> T take(LinkedBlockingQueue<T> queue) {
      try {
        return queue.take();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void close() throws InterruptedException {
      ended = true;
      steps.values().forEach(queue -> queue.add(() -> {}));
      for (Thread thread : threads) {
        thread.join();
      }
    }
  }

  private String holders() {
    return ref.holders().stream()
        .map(holder -> holder.thread() + holder.count())
        .collect(Collectors.joining(" "));
  }

  // a step is a thread's name, + or -, and how many; ! kills
  @ParameterizedTest(name = "{1} {0}: {2}")
  @CsvSource({
    // put where it was taken
    "PLATFORM, a+1 a-1, ''",
    "VIRTUAL, a+1 a-1, ''",
    "PLATFORM, a+1 b+1 a-1, b1",
    "PLATFORM, a+1 b+1 b-1, a1",
    "VIRTUAL, a+1 b+1 b-1, a1",
    // put by another thread
    "PLATFORM, a+1 b-1, ''",
    "VIRTUAL, a+1 b-1, ''",
    "MIXED, a+1 b-1, ''",
    "MIXED, b+1 a-1, ''",
    "MIXED, a+1 b+1 c-1, b1",
    "MIXED, a+1 b+1 c-1 c-1, ''",
    "PLATFORM, a+1 b+3 c-3, a1",
    "MIXED, a+1 b+3 c-1, b3",
    // one thread, several times
    "PLATFORM, a+1 a+1, a1 a1",
    "PLATFORM, a+1 a+1 a-1, a1",
    "VIRTUAL, a+1 a+1 a+1 a-1 a-1, a1",
    "PLATFORM, a+1 a+5 a-1, a5",
    "PLATFORM, a+1 a+5 a-5, a1",
    // the newest of its own, the oldest of others
    "MIXED, a+1 b+1 a+1 a-1, a1 b1",
    "MIXED, b+1 a+1 b+1 c-1, a1 b1",
    "MIXED, b+1 a+1 b+1 a-1 a-1, b1",
    // in other portions than it was taken
    "PLATFORM, a+3 a-1, a2",
    "PLATFORM, a+3 a-1 a-1 a-1, ''",
    "MIXED, a+3 b-1, a2",
    "MIXED, a+3 b-2 b-1, ''",
    "PLATFORM, a+1 a+1 a-2, ''",
    "MIXED, a+1 a+1 b-2, ''",
    "MIXED, a+1 b+1 c-2, ''",
    "MIXED, a+1 b+1 c+1 d-2, c1",
    "MIXED, a+1 b+1 b+1 b-2, a1",
    "MIXED, a+1 b+4 c-3, b2",
    "MIXED, a+4 b+1 b-3, a2",
    "MIXED, a+2 b+2 c-3, b1",
    "MIXED, a+2 b+2 c-1 c-1 c-1 c-1, ''",
    // dead
    "MIXED, a+1 ! a-1, ''",
    "MIXED, a+1 b+1 ! b-1, a1",
    "MIXED, a+1 ! b+1, a1 b1",
    "MIXED, a+1 ! b+1 c-1 c-1, ''",
    "MIXED, a+2 b+1 ! c-1, a2",
    "MIXED, a+2 b+1 ! c-2, b1",
  })
  @DisplayName("a put takes its own thread's get off the trace, else the oldest, and never more")
  void steps(Kind kind, String steps, String expected) throws InterruptedException {
    ref.trace(true);
    long out = 0;
    try (Actors actors = new Actors(kind)) {
      for (String step : steps.split(" ")) {
        if (step.equals("!")) {
          ref.kill();
          continue;
        }
        int n = Integer.parseInt(step.substring(2));
        boolean put = step.charAt(1) == '-';
        out += put ? -n : n;
        actors.run(
            step.substring(0, 1),
            () -> {
              if (put && n == 1) {
                ref.put();
              } else if (put) {
                ref.putMany(n);
              } else if (n > 1) {
                ref.getMany(n);
              } else if (!ref.tryGet()) {
                throw new AssertionError("nothing to take");
              }
            });
      }
    }
    assertThat(holders()).isEqualTo(expected);
    assertThat(ref.holders().stream().mapToLong(Holder::count).sum()).isEqualTo(out);
    assertThat(ref.references()).isEqualTo(out + (steps.contains("!") ? 0 : 1));
  }

  @Test
  @DisplayName("each way to take a reference is traced, with the caller's frame first")
  void everyWay() {
    ref.trace(true);
    ref.get();
    ref.getMany(2);
    assertThat(ref.tryGet()).isTrue();
    assertThat(ref.tryGetMany(3)).isTrue();
    assertThat(ref.tryGetLive()).isTrue();
    assertThat(ref.holders()).extracting(Holder::count).containsExactly(1L, 2L, 1L, 3L, 1L);
    assertThat(ref.holders())
        .allSatisfy(
            holder -> {
              assertThat(holder.thread()).isEqualTo(Thread.currentThread().getName());
              assertThat(holder.frames().getFirst()).contains("HolderTraceTest.everyWay");
              assertThat(holder.toString())
                  .startsWith(
                      "%d taken by thread %s at "
                          .formatted(holder.count(), Thread.currentThread().getName()));
            });
    ref.kill();
    assertThat(ref.tryGetLive()).as("what is not taken is not traced").isFalse();
    assertThat(ref.holders()).hasSize(5);
  }

  @Test
  @DisplayName("tracing that is switched off forgets, and switched on again begins anew")
  void switching() {
    ref.trace(true);
    ref.get();
    ref.trace(false);
    assertThat(ref.holders()).isEmpty();
    ref.get();
    ref.trace(true);
    assertThat(ref.holders()).as("taken before").isEmpty();
    ref.put();
    ref.put();
    ref.get();
    assertThat(ref.holders()).hasSize(1);
    assertThat(ref.references()).isEqualTo(2);
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  @DisplayName("references that go from thread to thread leave no holder behind")
  void handedOn(Kind kind) throws InterruptedException {
    ref.trace(true);
    LinkedBlockingQueue<Integer> handed = new LinkedBlockingQueue<>();
    ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    List<Thread> threads = new ArrayList<>();
    int each = 200;
    for (int i = 0; i < 4; i++) {
      boolean takes = i < 2;
      threads.add(
          kind.builder(i)
              .start(
                  () -> {
                    try {
                      for (int n = 0; n < each; n++) {
                        if (takes) {
                          int count = 1 + n % 3;
                          ref.getMany(count);
                          handed.add(count);
                        } else {
                          ref.putMany(handed.take());
                        }
                      }
                    } catch (InterruptedException | RuntimeException | Error e) {
                      failures.add(e);
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(failures).isEmpty();
    assertThat(ref.holders()).isEmpty();
    assertThat(ref.references()).isEqualTo(1);
  }
}
