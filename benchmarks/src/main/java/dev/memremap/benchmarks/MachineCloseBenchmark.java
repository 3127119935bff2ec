// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import dev.memremap.Device;
import dev.memremap.Machine;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;
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
 * Closing a machine with 10,000 untouched mappings of 4 KiB, while another thread works: those of
 * devices share an arena each, those made through the machine have one of their own.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4)
@Measurement(iterations = 5)
@Fork(5)
public class MachineCloseBenchmark {
  private static final int DEVICES = 10;
  private static final int MAPPINGS = 1_000;
  private static final long PAGE = 4096;

  /** What made the mappings: {@code devices} or {@code machine}. */
  @Param({"devices", "machine"})
  private String owner;

  private Machine machine;
  private BusyThread worker;

  /** Made by JMH. */
  public MachineCloseBenchmark() {}

  /** A thread that works. */
  @Setup(Level.Trial)
  public void setUp() {
    worker = BusyThread.started();
  }

  /** A machine with its mappings. */
  @Setup(Level.Invocation)
  public void map() {
    machine = Machine.simulated(SmallMachine.description());
    for (int i = 0; i < DEVICES; i++) {
      Device device = machine.newDevice("batch " + i);
      for (int k = 0; k < MAPPINGS; k++) {
        PhysRange range = PhysRange.of(SmallMachine.PMEM + (i * MAPPINGS + k) * PAGE, PAGE);
        if (owner.equals("devices")) {
          device.memremap(range, MemremapFlag.WB);
        } else {
          machine.memremap(range, MemremapFlag.WB);
        }
      }
    }
  }

  /** Ends the thread. */
  @TearDown(Level.Trial)
  public void tearDown() throws InterruptedException {
    worker.end();
  }

  /** One close. */
  @Benchmark
  public void close() {
    machine.close();
  }
}
