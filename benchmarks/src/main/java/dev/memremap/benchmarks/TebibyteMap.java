// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import dev.memremap.Machine;
import dev.memremap.conformance.MemmapCost;
import dev.memremap.machine.MachineDescription;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.page.Page;
import dev.memremap.resource.PhysRange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.SplittableRandom;

/**
 * A page map of 1 TiB: how long it takes to make and to take apart, and what memory it takes before
 * and after pages are touched. Linux only.
 *
 * <pre>{@code java -cp benchmarks/target/benchmarks.jar dev.memremap.benchmarks.TebibyteMap}</pre>
 */
public final class TebibyteMap {
  private static final PhysRange RANGE = PhysRange.of(1L << 40, 1L << 40);
  private static final int ROUNDS = 200;
  private static final int FEW_ROUNDS = 20;
  private static final int FEW = 1_000;
  private static final int MANY = 100_000;

  /**
   * So often is this process weighed before it counts: the first times load classes of their own.
   */
  private static final int WARM = 5;

  private TebibyteMap() {}

  /**
   * Measures and prints.
   *
   * @param args {@code quick} to see that it works
   */
  public static void main(String[] args) throws IOException {
    try (Machine machine =
        Machine.simulated(
            MachineDescription.parse("# phys-bits=46\n00001000-3fffffff : System RAM\n"))) {
      time(machine, args.length == 0 ? ROUNDS : FEW_ROUNDS);
      timeSmall(machine);
      weigh(machine);
    }
  }

  private static void time(Machine machine, int rounds) {
    DevPagemap map = genericMap();
    long[] make = new long[rounds];
    long[] undo = new long[rounds];
    for (int i = 0; i < rounds; i++) {
      make[i] = nanos(() -> machine.memremapPages(map));
      undo[i] = nanos(() -> machine.memunmapPages(map));
    }
    System.out.printf("%-24s %12s %28s%n", "time", "first", "median of the last half");
    System.out.printf("%-24s %12s %28s%n", "made", us(make[0]), us(median(make)));
    System.out.printf("%-24s %12s %28s%n%n", "taken apart", us(undo[0]), us(median(undo)));
    Program.print("made", median(make), Unit.NANOSECONDS);
    Program.print("made first", make[0], Unit.NANOSECONDS);
    Program.print("taken apart", median(undo), Unit.NANOSECONDS);
  }

  /** The size that the kernel's own figures are taken for. */
  private static void timeSmall(Machine machine) {
    DevPagemap map =
        DevPagemap.over(PhysRange.of(1L << 40, MemmapCost.BYTES)).type(MemoryType.GENERIC).build();
    long[] make = new long[ROUNDS];
    long[] undo = new long[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
      make[i] = nanos(() -> machine.memremapPages(map));
      undo[i] = nanos(() -> machine.memunmapPages(map));
    }
    Program.print("256 MiB made", median(make), Unit.NANOSECONDS);
    Program.print("256 MiB taken apart", median(undo), Unit.NANOSECONDS);
    machine.memremapPages(map);
    Program.print("256 MiB memmap", map.memmapBytes(), Unit.BYTES);
    machine.memunmapPages(map);
  }

  private static void weigh(Machine machine) throws IOException {
    DevPagemap map = genericMap();
    System.out.printf(
        "%-24s %12s %12s %12s%n", "memory, KiB", "resident", "of it shared", "Java heap");
    for (int i = 0; i < WARM; i++) {
      Weight.now().print("not counted");
    }
    Weight before = Weight.now();
    before.print("before");
    machine.memremapPages(map);
    Weight made = Weight.now();
    made.print("made");
    touch(machine, FEW);
    Weight.now().print("%,d pages touched".formatted(FEW));
    touch(machine, MANY);
    Weight touched = Weight.now();
    touched.print("%,d pages touched".formatted(MANY));
    long undo = nanos(() -> machine.memunmapPages(map));
    Weight.now().print("taken apart");
    double bytesOfPage =
        (touched.resident - made.resident) * 1024.0 / (512.0 * blocks(machine.pageSize()));
    System.out.printf(
        "%n%.1f resident bytes for each page of the touched blocks of 512; taken apart in %s%n",
        bytesOfPage, us(undo));
    Program.print("resident, untouched", Math.max(0, made.resident - before.resident), Unit.KIB);
    Program.print("resident, a touched page", Math.max(0, bytesOfPage), Unit.BYTES);
    Program.print("taken apart, touched", undo, Unit.NANOSECONDS);
  }

  private static DevPagemap genericMap() {
    return DevPagemap.over(RANGE).type(MemoryType.GENERIC).build();
  }

  /** Random pages, nearly every one in a block of its own; fewer are the first of more. */
  private static void touch(Machine machine, int pages) {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < pages; i++) {
      Page page = Objects.requireNonNull(machine.page(pfn(random, machine.pageSize())));
      page.get();
      page.put();
    }
  }

  private static long pfn(SplittableRandom random, long pageBytes) {
    return random.nextLong(RANGE.firstPfn(pageBytes), RANGE.lastPfn(pageBytes));
  }

  private static long blocks(long pageBytes) {
    SplittableRandom random = new SplittableRandom(1);
    long[] blocks = new long[MANY];
    for (int i = 0; i < MANY; i++) {
      blocks[i] = pfn(random, pageBytes) >>> 9;
    }
    return Arrays.stream(blocks).distinct().count();
  }

  private static long nanos(Runnable step) {
    long begin = System.nanoTime();
    step.run();
    return System.nanoTime() - begin;
  }

  private static long median(long[] nanos) {
    long[] last = Arrays.copyOfRange(nanos, nanos.length / 2, nanos.length);
    Arrays.sort(last);
    return last[last.length / 2];
  }

  private static String us(long nanos) {
    return "%,.0f µs".formatted(nanos / 1000.0);
  }

  /**
   * What this process holds, in KiB, once garbage is collected.
   *
   * @param resident in RAM, shared memory included (VmRSS)
   * @param shared the part of it that is shared memory (RssShmem)
   * @param heap Java objects
   */
  private record Weight(long resident, long shared, long heap) {
    static Weight now() throws IOException {
      System.gc();
      Runtime runtime = Runtime.getRuntime();
      return new Weight(
          status("VmRSS:"),
          status("RssShmem:"),
          (runtime.totalMemory() - runtime.freeMemory()) >>> 10);
    }

    void print(String when) {
      System.out.printf("%-24s %,12d %,12d %,12d%n", when, resident, shared, heap);
    }

    private static long status(String field) throws IOException {
      try (var lines = Files.lines(Path.of("/proc/self/status"))) {
        return lines
            .filter(line -> line.startsWith(field))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
            .sum();
      }
    }
  }
}
