// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import dev.memremap.ref.Counting;
import dev.memremap.ref.PercpuRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Killing a reference that 64 threads use, until the kill is confirmed: the threads pay next to
 * nothing for their references; the kill pays instead.
 *
 * <p>The threads take and put the reference all the time, or did so and sleep. Where they are busy
 * and processors few, this thread waits for its turn now and then, and the mean of a fork is the
 * scheduler's; so each time is sampled, and the median of the samples is what is told.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(value = 5, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class KillBenchmark {
  private static final int THREADS = 64;

  /** Where the reference is to count. */
  @Param({"CELLS", "STRIPES"})
  private Counting path;

  /** What its users do meanwhile. */
  @Param({"busy", "asleep"})
  private String users;

  private PercpuRef ref;
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean over;

  /** Made by JMH. */
  public KillBenchmark() {}

  /** Starts the users. */
  @Setup(Level.Trial)
  public void setUp() throws InterruptedException {
    System.setProperty("dev.memremap.percpu", path.name().toLowerCase(Locale.ROOT));
    ref = PercpuRef.init(PercpuRef.Flag.ALLOW_REINIT);
    for (int i = 0; i < THREADS; i++) {
      threads.add(Thread.ofPlatform().daemon().start(this::use));
    }
    Thread.sleep(200);
  }

  private void use() {
    for (long i = 0; !over; i++) {
      if (ref.tryGetLive()) {
        ref.put();
      }
      if (users.equals("asleep") && i > 10_000) {
        LockSupport.parkNanos(100_000_000);
      }
    }
  }

  /** Begins the next life of the reference, and lets its users use it. */
  @Setup(Level.Invocation)
  public void revive() {
    if (ref.isDying()) {
      ref.resurrect();
    }
    LockSupport.parkNanos(100_000);
  }

  /** percpu_ref_kill_and_confirm. */
  @Benchmark
  public void kill() {
    ref.killAndConfirm(() -> {});
  }

  /** Looks whether it was the path, and ends the users. */
  @TearDown(Level.Trial)
  public void tearDown() throws InterruptedException {
    ref.resurrect();
    ActivePath.require(ref, path);
    over = true;
    for (Thread thread : threads) {
      thread.join();
    }
  }
}
