// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import dev.memremap.IoMemory;
import dev.memremap.Machine;
import dev.memremap.resource.PhysRange;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.channels.FileChannel;
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

/** Writing 1,024 registers of 32 bits, against stores by a VarHandle to memory of the same kind. */
@State(Scope.Thread)
@CompilerControl(CompilerControl.Mode.DONT_INLINE)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(
    value = 5,
    jvmArgsPrepend = {PinnedThreads.EXECUTOR, PinnedThreads.CLASS})
public class RegisterBenchmark {
  private static final long BYTES = 4096;
  private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

  private Machine machine;
  private IoMemory registers;
  private Machine populated;
  private IoMemory allocated;
  private FileChannel channel;
  private MemorySegment plain;
  private int value;

  /** Made by JMH. */
  public RegisterBenchmark() {}

  /** Registers of a simulated machine, and a file where its memory lies. */
  @Setup(Level.Trial)
  public void setUp() throws IOException {
    machine = Machine.simulated(SmallMachine.description());
    registers = machine.ioremap(PhysRange.of(SmallMachine.PMEM, BYTES));
    populated = Machine.builder(SmallMachine.description()).populate().build();
    allocated = populated.ioremap(PhysRange.of(SmallMachine.PMEM, BYTES));
    channel = PeerFile.open();
    // of an arena that can be closed, as registers can
    plain = channel.map(FileChannel.MapMode.READ_WRITE, 0, BYTES, Arena.ofAuto());
  }

  /** Looks whether the stores arrived, and gives the memory back. */
  @TearDown(Level.Trial)
  public void tearDown() throws IOException {
    if (registers.read32(BYTES - 4) != value
        && allocated.read32(BYTES - 4) != value
        && plain.get(ValueLayout.JAVA_INT, BYTES - 4) != value) {
      throw new IllegalStateException("nothing was written");
    }
    registers.close();
    machine.close();
    allocated.close();
    populated.close();
    channel.close();
  }

  /** Ours; each looks for the fault of memory that is gone. */
  @Benchmark
  public void write32() {
    int written = ++value;
    for (long at = 0; at < BYTES; at += 4) {
      registers.write32(at, written);
    }
  }

  /** Ours, of memory that was allocated when it was mapped, and so cannot be gone. */
  @Benchmark
  public void write32Allocated() {
    int written = ++value;
    for (long at = 0; at < BYTES; at += 4) {
      allocated.write32(at, written);
    }
  }

  /** The least that is ever one access. */
  @Benchmark
  public void opaqueStore() {
    int written = ++value;
    for (long at = 0; at < BYTES; at += 4) {
      INT.setOpaque(plain, at, written);
    }
  }

  /** With a full fence after each. */
  @Benchmark
  public void volatileStore() {
    int written = ++value;
    for (long at = 0; at < BYTES; at += 4) {
      INT.setVolatile(plain, at, written);
    }
  }
}
