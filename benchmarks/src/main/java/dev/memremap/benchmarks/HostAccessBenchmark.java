// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.linux.Memfd;
import dev.memremap.plan.MemremapFlag;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.CompilerControl;
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
 * Real memory, a memfd, through a mapping of this computer, against the same memfd mapped by the
 * JDK's {@link FileChannel}: how many times a second the same code gets through the same bytes.
 * Both map the very same pages, so that where these happen to lie in the caches favours neither.
 */
@State(Scope.Thread)
@CompilerControl(CompilerControl.Mode.DONT_INLINE)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(
    value = 5,
    jvmArgsPrepend = {PinnedThreads.EXECUTOR, PinnedThreads.CLASS},
    jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class HostAccessBenchmark {
  private static final String NAME = "memremap-benchmark";
  private static final int LOADS = 4096;

  /** How much is mapped: what the processor's own cache holds, and what no cache holds. */
  @Param({"1048576", "67108864"})
  private int bytes;

  private final long[] offsets = new long[LOADS];
  private MemorySegment heap;
  private Machine machine;
  private Mapping mapping;
  private MemorySegment mapped;
  private final Arena arena = Arena.ofShared();
  private MemorySegment channel;

  /** Made by JMH. */
  public HostAccessBenchmark() {}

  /** Touches every page of both, so that no fault is measured. */
  @Setup(Level.Trial)
  public void setUp() throws IOException {
    machine = Machine.host();
    mapping =
        machine.memremap(machine.attach(NAME, Memfd.of(NAME, bytes)).range(), MemremapFlag.WB);
    heap = MemorySegment.ofArray(new byte[bytes]);
    mapped = mapping.segment();
    try (FileChannel open =
        FileChannel.open(memfd(), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      channel = open.map(MapMode.READ_WRITE, 0, bytes, arena);
    }
    mapped.fill((byte) 1);
    if (channel.get(ValueLayout.JAVA_BYTE, bytes - 1) != 1) {
      throw new IllegalStateException("the two do not map the same memory");
    }
    heap.fill((byte) 1);
    SplittableRandom random = new SplittableRandom(42);
    for (int i = 0; i < LOADS; i++) {
      offsets[i] = random.nextLong(bytes / 8) * 8;
    }
  }

  private static Path memfd() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.filter(HostAccessBenchmark::isOurs).findFirst().orElseThrow();
    }
  }

  private static boolean isOurs(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString().contains("memfd:" + NAME);
    } catch (IOException closedMeanwhile) {
      return false;
    }
  }

  /** Gives the memory back. */
  @TearDown(Level.Trial)
  public void tearDown() {
    mapping.close();
    machine.close();
    arena.close();
  }

  /** All of a mapping, 8 bytes at a time. */
  @Benchmark
  public long sumMapping() {
    return sum(mapped);
  }

  /** All of the mapped file, 8 bytes at a time. */
  @Benchmark
  public long sumChannel() {
    return sum(channel);
  }

  /** As many bytes into a mapping. */
  @Benchmark
  public MemorySegment copyMapping() {
    return mapped.copyFrom(heap);
  }

  /** As many bytes into the mapped file. */
  @Benchmark
  public MemorySegment copyChannel() {
    return channel.copyFrom(heap);
  }

  /** 4,096 loads and stores of a mapping, anywhere. */
  @Benchmark
  public long randomMapping() {
    return random(mapped);
  }

  /** 4,096 loads and stores of the mapped file, anywhere. */
  @Benchmark
  public long randomChannel() {
    return random(channel);
  }

  private long sum(MemorySegment segment) {
    long sum = 0;
    for (long at = 0; at < bytes; at += 8) {
      sum += segment.get(ValueLayout.JAVA_LONG, at);
    }
    return sum;
  }

  private long random(MemorySegment segment) {
    long sum = 0;
    for (long offset : offsets) {
      long value = segment.get(ValueLayout.JAVA_LONG, offset);
      segment.set(ValueLayout.JAVA_LONG, offset, value + 1);
      sum += value;
    }
    return sum;
  }
}
