// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import dev.memremap.Device;
import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
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
 * Unmapping 10,000 mappings of 4 KiB together, while another thread works: by releasing the device
 * that made them, with one handshake, and by closing 10,000 shared arenas one by one.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4)
@Measurement(iterations = 5)
@Fork(5)
public class ReleaseBenchmark {
  private static final int MAPPINGS = 10_000;
  private static final long PAGE = 4096;

  /** Whether each mapping's page was written to, so that the system has it to give back. */
  @Param({"false", "true"})
  private boolean touched;

  private Machine machine;
  private Device device;
  private final List<Arena> arenas = new ArrayList<>();
  private FileChannel channel;
  private BusyThread worker;

  /** Made by JMH. */
  public ReleaseBenchmark() {}

  /** A machine, a file beside its memory, and a thread that works. */
  @Setup(Level.Trial)
  public void setUp() throws IOException {
    machine = Machine.simulated(SmallMachine.description());
    channel = PeerFile.open();
    channel.map(MapMode.READ_WRITE, 0, MAPPINGS * PAGE, Arena.global());
    worker = BusyThread.started();
  }

  /** Maps them, both ways, and touches them if they shall be. */
  @Setup(Level.Invocation)
  @SuppressWarnings("MustBeClosedChecker") // closed by the benchmark, or after it
  public void map() throws IOException {
    device = machine.newDevice("batch");
    for (int i = 0; i < MAPPINGS; i++) {
      PhysRange range = PhysRange.of(SmallMachine.PMEM + i * PAGE, PAGE);
      Mapping mapping = device.memremap(range, MemremapFlag.WB);
      Arena arena = Arena.ofShared();
      MemorySegment segment = channel.map(MapMode.READ_WRITE, i * PAGE, PAGE, arena);
      if (touched) {
        mapping.segment().set(ValueLayout.JAVA_LONG, 0, i);
        segment.set(ValueLayout.JAVA_LONG, 0, i);
      }
      arenas.add(arena);
    }
  }

  /** Unmaps what was not measured. */
  @TearDown(Level.Invocation)
  public void unmap() {
    device.release();
    arenas.forEach(Arena::close);
    arenas.clear();
  }

  /** Gives the memory back. */
  @TearDown(Level.Trial)
  public void tearDown() throws IOException, InterruptedException {
    worker.end();
    machine.close();
    channel.close();
  }

  /** One release. */
  @Benchmark
  public int release() {
    return device.release();
  }

  /** 10,000 arenas. */
  @Benchmark
  public void closeArenas() {
    arenas.forEach(Arena::close);
    arenas.clear();
  }
}
