// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import dev.memremap.ref.PercpuRef;
import io.netty.util.AbstractReferenceCounted;
import io.netty.util.ReferenceCounted;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Taking a reference and putting it, by one thread or (with {@code -t 2}) two on one reference. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class ReferenceBenchmark {
  private final PercpuRef percpu = PercpuRef.init();
  private final AtomicLong atomic = new AtomicLong(1);
  private final Counted netty = new Counted();

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
  public void percpuGetPut() {
    percpu.get();
    percpu.put();
  }

  /** percpu_ref_tryget_live and percpu_ref_put: what a lookup does. */
  @Benchmark
  public boolean percpuTryGetLivePut() {
    boolean taken = percpu.tryGetLive();
    percpu.put();
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
}
