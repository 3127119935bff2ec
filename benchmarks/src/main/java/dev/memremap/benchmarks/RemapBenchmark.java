// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
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

/** Mapping 4 KiB and unmapping it: of RAM, of anything else, and of a file without a machine. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(
    value = 5,
    jvmArgsPrepend = {PinnedThreads.EXECUTOR, PinnedThreads.CLASS})
public class RemapBenchmark {
  private static final PhysRange RAM = PhysRange.of(SmallMachine.RAM, 4096);
  private static final PhysRange PMEM = PhysRange.of(SmallMachine.PMEM, 4096);

  private Machine machine;
  private FileChannel channel;

  /** Made by JMH. */
  public RemapBenchmark() {}

  /** A machine, and a file where the machine's own memory lies. */
  @Setup(Level.Trial)
  public void setUp() throws IOException {
    machine = Machine.simulated(SmallMachine.description());
    channel = PeerFile.open();
    channel.map(MapMode.READ_WRITE, 0, 1 << 20, Arena.global());
  }

  /** Gives the memory back. */
  @TearDown(Level.Trial)
  public void tearDown() throws IOException {
    machine.close();
    channel.close();
  }

  /** A slice of the direct map. */
  @Benchmark
  public long ram() {
    try (Mapping mapping = machine.memremap(RAM, MemremapFlag.WB)) {
      return mapping.segment().address();
    }
  }

  /** A new mapping. */
  @Benchmark
  public long notRam() {
    try (Mapping mapping = machine.memremap(PMEM, MemremapFlag.WB)) {
      return mapping.segment().address();
    }
  }

  /** The JDK alone. */
  @Benchmark
  public long fileChannelMap() throws IOException {
    try (Arena arena = Arena.ofShared()) {
      return channel.map(MapMode.READ_WRITE, 0, 4096, arena).address();
    }
  }
}
