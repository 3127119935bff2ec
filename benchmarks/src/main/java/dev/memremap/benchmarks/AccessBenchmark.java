// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.MemremapFlag;
import dev.memremap.resource.PhysRange;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Loads through a mapping's segment against loads through a plain segment of the same size: the
 * same code, so the same speed is the goal.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class AccessBenchmark {
  private static final long BYTES = 16L << 20;
  private static final int LOADS = 4096;

  private final long[] offsets = new long[LOADS];
  private Machine machine;
  private Mapping mapping;
  private MemorySegment mapped;
  private MemorySegment plain;

  /** Made by JMH. */
  public AccessBenchmark() {}

  /** Touches every page of both, so that no fault is measured. */
  @Setup(Level.Trial)
  public void setUp() {
    machine = Machine.simulated(SmallMachine.description());
    mapping = machine.memremap(PhysRange.of(SmallMachine.PMEM, BYTES), MemremapFlag.WB);
    mapped = mapping.segment();
    plain = Arena.global().allocate(BYTES, 4096);
    mapped.fill((byte) 1);
    plain.fill((byte) 1);
    SplittableRandom random = new SplittableRandom(42);
    for (int i = 0; i < LOADS; i++) {
      offsets[i] = random.nextLong(BYTES / 8) * 8;
    }
  }

  /** Gives the memory back. */
  @TearDown(Level.Trial)
  public void tearDown() {
    mapping.close();
    machine.close();
  }

  /** All of a mapping, 8 bytes at a time. */
  @Benchmark
  public long sumMapping() {
    return sum(mapped);
  }

  /** All of a plain segment, 8 bytes at a time. */
  @Benchmark
  public long sumPlain() {
    return sum(plain);
  }

  /** 4,096 loads of a mapping, anywhere. */
  @Benchmark
  public long randomMapping() {
    return random(mapped);
  }

  /** 4,096 loads of a plain segment, anywhere. */
  @Benchmark
  public long randomPlain() {
    return random(plain);
  }

  private static long sum(MemorySegment segment) {
    long sum = 0;
    for (long at = 0; at < BYTES; at += 8) {
      sum += segment.get(ValueLayout.JAVA_LONG, at);
    }
    return sum;
  }

  private long random(MemorySegment segment) {
    long sum = 0;
    for (long offset : offsets) {
      sum += segment.get(ValueLayout.JAVA_LONG, offset);
    }
    return sum;
  }
}
