// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import dev.memremap.Device;
import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Maps and unmaps a million times, of RAM, of other memory, and through a device, and looks what
 * has grown: the heap, descriptors, mappings of this process. Linux only.
 *
 * <pre>{@code java -cp benchmarks/target/benchmarks.jar dev.memremap.benchmarks.MillionCycles}
 * </pre>
 */
public final class MillionCycles {
  private static final int CYCLES = 1_000_000;
  private static final int QUICK_CYCLES = 10_000;
  private static final int WARM = 20_000;
  private static final int PAGES = 1024;

  private MillionCycles() {}

  /** What a process has. */
  private record Having(long heap, long descriptors, long mappings) {
    static Having now() throws IOException {
      Runtime runtime = Runtime.getRuntime();
      for (int i = 0; i < 3; i++) {
        System.gc();
      }
      try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"));
          Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
        return new Having(runtime.totalMemory() - runtime.freeMemory(), open.count(), maps.count());
      }
    }
  }

  /** One way to map. */
  private interface Way {
    Mapping map(PhysRange range);
  }

  /** Measures and prints. */
  public static void main(String[] args) throws IOException {
    int cycles = args.length > 0 ? QUICK_CYCLES : CYCLES;
    try (Machine machine = Machine.simulated(SmallMachine.description())) {
      Device device = machine.newDevice("cycling");
      run("RAM", cycles, SmallMachine.RAM, range -> machine.memremap(range, MemremapFlag.WB));
      run("other", cycles, SmallMachine.PMEM, range -> machine.memremap(range, MemremapFlag.WB));
      run("device", cycles, SmallMachine.PMEM, range -> device.memremap(range, MemremapFlag.WB));
      device.release();
    }
  }

  private static void run(String what, int cycles, long base, Way way) throws IOException {
    cycle(WARM, base, way);
    Having before = Having.now();
    long begun = System.nanoTime();
    cycle(cycles, base, way);
    double each = (System.nanoTime() - begun) / (double) cycles;
    Having after = Having.now();
    Program.print("heap, " + what, Math.max(0, after.heap - before.heap), Unit.BYTES);
    Program.print(
        "descriptors, " + what, Math.max(0, after.descriptors - before.descriptors), Unit.PIECES);
    Program.print("mappings, " + what, Math.max(0, after.mappings - before.mappings), Unit.PIECES);
    System.out.printf(
        Locale.ROOT,
        "%,d cycles of %s: %.0f ns each; before %s, after %s%n",
        cycles,
        what,
        each,
        before,
        after);
  }

  private static void cycle(int cycles, long base, Way way) {
    for (int i = 0; i < cycles; i++) {
      way.map(PhysRange.of(base + (i % PAGES) * 4096L, 4096)).close();
    }
  }
}
