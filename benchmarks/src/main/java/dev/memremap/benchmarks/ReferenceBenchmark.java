// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import dev.memremap.ref.Counting;
import dev.memremap.ref.PercpuRef;
import io.netty.util.AbstractReferenceCounted;
import io.netty.util.ReferenceCounted;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantReadWriteLock;
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
 * Taking a reference and putting it, by one thread or (with {@code -t 2}) two on one reference.
 *
 * <p>{@code path} names where our reference must count ({@code CELLS}, {@code STRIPES}); the
 * benchmark prints where it does, and fails if that is another place.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(
    value = 5,
    jvmArgsPrepend = {PinnedThreads.EXECUTOR, PinnedThreads.CLASS},
    jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class ReferenceBenchmark {
  private final AtomicLong atomic = new AtomicLong(1);
  private final Counted netty = new Counted();
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();

  /** Our reference. */
  @State(Scope.Benchmark)
  public static class Ours {
    /** Where it is to count. */
    @Param({"CELLS", "STRIPES"})
    private Counting path;

    private PercpuRef percpu;

    /** Made by JMH. */
    public Ours() {}

    /** Names the path before the first reference is made. */
    @Setup(Level.Trial)
    public void setUp() {
      System.setProperty("dev.memremap.percpu", path.name().toLowerCase(Locale.ROOT));
      percpu = PercpuRef.init();
    }

    /** Looks whether it was the path. */
    @TearDown(Level.Trial)
    public void tearDown() {
      ActivePath.require(percpu, path);
    }
  }

  /** Netty's count, with nothing to free. */
  private static final class Counted extends AbstractReferenceCounted {
    @Override
    protected void deallocate() {}

    @Override
    public ReferenceCounted touch(Object hint) {
      return this;
    }
  }

  /** Made by JMH. */
  public ReferenceBenchmark() {}

  /** percpu_ref_get and percpu_ref_put. */
  @Benchmark
  public void percpuGetPut(Ours ours) {
    ours.percpu.get();
    ours.percpu.put();
  }

  /** percpu_ref_tryget_live and percpu_ref_put: what a lookup does. */
  @Benchmark
  public boolean percpuTryGetLivePut(Ours ours) {
    boolean taken = ours.percpu.tryGetLive();
    ours.percpu.put();
    return taken;
  }

  /** One AtomicLong, incremented unless it is zero. */
  @Benchmark
  public boolean atomicTryGetPut() {
    while (true) {
      long count = atomic.get();
      if (count == 0) {
        return false;
      }
      if (atomic.compareAndSet(count, count + 1)) {
        atomic.decrementAndGet();
        return true;
      }
    }
  }

  /** One AtomicLong, incremented whatever it is. */
  @Benchmark
  public long atomicGetPut() {
    atomic.incrementAndGet();
    return atomic.decrementAndGet();
  }

  /** Netty's retain and release. */
  @Benchmark
  public boolean nettyRetainRelease() {
    netty.retain();
    return netty.release();
  }

  /** The read lock of a ReentrantReadWriteLock. */
  @Benchmark
  public boolean readLockUnlock() {
    lock.readLock().lock();
    try {
      return true;
    } finally {
      lock.readLock().unlock();
    }
  }
}
