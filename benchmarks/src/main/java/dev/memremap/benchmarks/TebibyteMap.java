// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import dev.memremap.Machine;
import dev.memremap.MachineDescription;
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
  private static final int TOUCHED = 100_000;

  private TebibyteMap() {}

  /** Measures and prints. */
  public static void main(String[] args) throws IOException {
    try (Machine machine =
        Machine.simulated(
            MachineDescription.parse("# phys-bits=46\n00001000-3fffffff : System RAM\n"))) {
      long[] make = new long[ROUNDS];
      long[] undo = new long[ROUNDS];
      DevPagemap map = DevPagemap.over(RANGE).type(MemoryType.GENERIC).build();
      for (int i = 0; i < ROUNDS; i++) {
        make[i] = nanos(() -> machine.memremapPages(map));
        undo[i] = nanos(() -> machine.memunmapPages(map));
      }
      System.out.printf(
          "made        first %s, median of the last half %s%n", us(make[0]), median(make));
      System.out.printf(
          "taken apart first %s, median of the last half %s%n", us(undo[0]), median(undo));
      System.gc();
      long before = resident();
      machine.memremapPages(map);
      long made = resident();
      touch(machine);
      long touched = resident();
      System.out.printf(
          "resident    %d KiB before, +%d KiB made, +%d KiB with %d pages touched%n",
          before, made - before, touched - made, TOUCHED);
      System.out.printf(
          "            %.1f bytes a touched page, in blocks of 512%n",
          (touched - made) * 1024.0 / (512.0 * blocks()));
      System.out.printf("taken apart, touched: %s%n", us(nanos(() -> machine.memunmapPages(map))));
    }
  }

  /** Random pages, so that nearly every one is in a block of its own. */
  private static void touch(Machine machine) {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < TOUCHED; i++) {
      Page page =
          Objects.requireNonNull(machine.page(random.nextLong(RANGE.firstPfn(), RANGE.lastPfn())));
      page.get();
      page.put();
    }
  }

  private static long blocks() {
    SplittableRandom random = new SplittableRandom(1);
    long[] blocks = new long[TOUCHED];
    for (int i = 0; i < TOUCHED; i++) {
      blocks[i] = random.nextLong(RANGE.firstPfn(), RANGE.lastPfn()) >>> 9;
    }
    return Arrays.stream(blocks).distinct().count();
  }

  private static long nanos(Runnable step) {
    long begin = System.nanoTime();
    step.run();
    return System.nanoTime() - begin;
  }

  private static String median(long[] nanos) {
    long[] last = Arrays.copyOfRange(nanos, nanos.length / 2, nanos.length);
    Arrays.sort(last);
    return us(last[last.length / 2]);
  }

  private static String us(long nanos) {
    return "%.0f µs".formatted(nanos / 1000.0);
  }

  /** Memory of this process that is in RAM, shared memory included, in KiB. */
  private static long resident() throws IOException {
    try (var lines = Files.lines(Path.of("/proc/self/status"))) {
      return lines
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .sum();
    }
  }
}
