// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import dev.memremap.Machine;
import dev.memremap.machine.MachineDescription;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.page.PagemapOps;
import dev.memremap.resource.PhysRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.SplittableRandom;

/**
 * Making, finding and unmaking 1,000 and 100,000 page maps, of PRIVATE memory, which no mapping of
 * this process is spent on: what one of them costs should grow with the misses of the caches alone,
 * not with their number.
 *
 * <pre>{@code java -cp benchmarks/target/benchmarks.jar dev.memremap.benchmarks.ManyMaps}</pre>
 */
public final class ManyMaps {
  private static final int FEW = 1_000;
  private static final int MANY = 100_000;
  private static final int LOOKUPS = 4_000_000;
  private static final long FIRST = 1L << 40;
  private static final long SLOT_BYTES = 32L << 20;
  private static final PagemapOps OPS =
      PagemapOps.none()
          .withPageFree(page -> {})
          .withMigrateToRam(page -> PagemapOps.MigrateToRam.Outcome.SIGBUS);

  private ManyMaps() {}

  /** Measures and prints. */
  public static void main(String[] args) {
    boolean quick = args.length > 0;
    // for the compiler, as many as are measured later
    for (int i = 0; i < (quick ? 1 : MANY / FEW / 2); i++) {
      measure(FEW, 10_000, false);
    }
    measure(FEW, quick ? 1_000 : LOOKUPS, true);
    measure(quick ? 2_000 : MANY, quick ? 1_000 : LOOKUPS, true);
  }

  private static void measure(int count, int lookups, boolean print) {
    try (Machine machine =
        Machine.simulated(
            MachineDescription.parse("# phys-bits=46\n00001000-3fffffff : System RAM\n"))) {
      List<DevPagemap> maps = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        maps.add(
            DevPagemap.over(PhysRange.of(FIRST + i * SLOT_BYTES, 2L << 20))
                .type(MemoryType.PRIVATE)
                .ops(OPS)
                .owner(ManyMaps.class)
                .build());
      }
      long begun = System.nanoTime();
      maps.forEach(machine::memremapPages);
      double make = (System.nanoTime() - begun) / (double) count;
      begun = System.nanoTime();
      maps.forEach(machine::memunmapPages);
      double undo = (System.nanoTime() - begun) / (double) count;
      // afterwards: a reference that was taken often is dearer to kill, and of few maps each was
      maps.forEach(machine::memremapPages);
      double find = lookUp(machine, count, lookups);
      maps.forEach(machine::memunmapPages);
      if (print) {
        String many = count == FEW ? "few" : "many";
        Program.print("make, " + many, make, Unit.NANOSECONDS);
        Program.print("find, " + many, find, Unit.NANOSECONDS);
        Program.print("undo, " + many, undo, Unit.NANOSECONDS);
        System.out.printf(
            Locale.ROOT,
            "%,d maps: make %,.0f ns, find %.1f ns, undo %,.0f ns each%n",
            count,
            make,
            find,
            undo);
      }
    }
  }

  /** A random page of a random map, found, taken and put. */
  private static double lookUp(Machine machine, int maps, int lookups) {
    SplittableRandom random = new SplittableRandom(42);
    long[] pfns = new long[1 << 16];
    for (int i = 0; i < pfns.length; i++) {
      long slot = FIRST + random.nextInt(maps) * SLOT_BYTES;
      pfns[i] = (slot >>> 12) + random.nextInt(512);
    }
    for (int round = 0; ; round++) {
      long begun = System.nanoTime();
      for (int i = 0; i < lookups; i++) {
        Objects.requireNonNull(machine.getDevPagemap(pfns[i & (pfns.length - 1)], null)).put();
      }
      if (round == 2) {
        return (System.nanoTime() - begun) / (double) lookups;
      }
    }
  }
}
