// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.CompilerControl;
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
 * Loads and stores through a mapping's segment against those through a plain segment of the same
 * kind of memory, a file mapped by the JDK alone: the same code, so the same speed is the goal.
 */
@State(Scope.Thread)
@CompilerControl(CompilerControl.Mode.DONT_INLINE)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(
    value = 5,
    jvmArgsPrepend = {PinnedThreads.EXECUTOR, PinnedThreads.CLASS})
public class AccessBenchmark {
  private static final long BYTES = 64L << 20;
  private static final int ACCESSES = 4096;

  private final long[] offsets = new long[ACCESSES];
  private Machine machine;
  private Mapping mapping;
  private MemorySegment mapped;
  private FileChannel channel;
  private MemorySegment plain;
  private MemorySegment source;

  /** Made by JMH. */
  public AccessBenchmark() {}

  /** Touches every page of both, so that no fault is measured. */
  @Setup(Level.Trial)
  public void setUp() throws IOException {
    machine = Machine.simulated(SmallMachine.description());
    mapping = machine.memremap(PhysRange.of(SmallMachine.PMEM, BYTES), MemremapFlag.WB);
    mapped = mapping.segment();
    channel = PeerFile.open();
    plain = channel.map(FileChannel.MapMode.READ_WRITE, 0, BYTES, Arena.global());
    source = Arena.global().allocate(BYTES, 4096);
    source.fill((byte) 2);
    mapped.fill((byte) 1);
    plain.fill((byte) 1);
    SplittableRandom random = new SplittableRandom(42);
    for (int i = 0; i < ACCESSES; i++) {
      offsets[i] = random.nextLong(BYTES / 8) * 8;
    }
  }

  /** Gives the memory back. */
  @TearDown(Level.Trial)
  public void tearDown() throws IOException {
    mapping.close();
    machine.close();
    channel.close();
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

  /** All of a mapping, from memory of the JVM. */
  @Benchmark
  public MemorySegment copyMapping() {
    return mapped.copyFrom(source);
  }

  /** All of a plain segment, from memory of the JVM. */
  @Benchmark
  public MemorySegment copyPlain() {
    return plain.copyFrom(source);
  }

  /** 4,096 stores to a mapping, anywhere. */
  @Benchmark
  public MemorySegment storeMapping() {
    return store(mapped);
  }

  /** 4,096 stores to a plain segment, anywhere. */
  @Benchmark
  public MemorySegment storePlain() {
    return store(plain);
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

  private MemorySegment store(MemorySegment segment) {
    for (long offset : offsets) {
      segment.set(ValueLayout.JAVA_LONG, offset, offset);
    }
    return segment;
  }
}
