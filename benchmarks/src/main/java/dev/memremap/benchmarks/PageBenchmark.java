// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import dev.memremap.Machine;
import dev.memremap.PageHold;
import dev.memremap.machine.MachineDescription;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.page.Page;
import dev.memremap.ref.Counting;
import dev.memremap.ref.PercpuRef;
import dev.memremap.resource.PhysRange;
import java.util.Locale;
import java.util.Objects;
import java.util.SplittableRandom;
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
 * Pages of a map of 1 TiB: takes one and puts it, and finds the page of a number. A held page holds
 * its map, and {@code path} names where the map's reference must count.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(
    value = 5,
    jvmArgsPrepend = {PinnedThreads.EXECUTOR, PinnedThreads.CLASS},
    jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class PageBenchmark {
  private static final PhysRange RANGE = PhysRange.of(1L << 40, 1L << 40);
  private static final int PFNS = 1 << 12;

  /** Where the map's reference is to count. */
  @Param("CELLS")
  private Counting path;

  private final long[] pfns = new long[PFNS];
  private PercpuRef reference;
  private Machine machine;
  private Page page;

  /** Made by JMH. */
  public PageBenchmark() {}

  /** Where a thread is in the list of pages. */
  @State(Scope.Thread)
  public static class Cursor {
    private int at;

    /** Made by JMH. */
    public Cursor() {}

    long next(long[] pfns) {
      return pfns[at++ & (PFNS - 1)];
    }
  }

  /** The map, and pages of it that were touched before. */
  @Setup(Level.Trial)
  public void setUp() {
    System.setProperty("dev.memremap.percpu", path.name().toLowerCase(Locale.ROOT));
    reference = PercpuRef.init();
    machine =
        Machine.simulated(
            MachineDescription.parse("# phys-bits=46\n00001000-3fffffff : System RAM\n"));
    machine.memremapPages(DevPagemap.over(RANGE).type(MemoryType.GENERIC).ref(reference).build());
    SplittableRandom random = new SplittableRandom(42);
    for (int i = 0; i < PFNS; i++) {
      pfns[i] =
          random.nextLong(
              RANGE.firstPfn(machine.pageSize()), RANGE.lastPfn(machine.pageSize()) + 1);
      Page touched = Objects.requireNonNull(machine.page(pfns[i]));
      touched.get();
      touched.put();
    }
    page = Objects.requireNonNull(machine.page(RANGE.firstPfn(machine.pageSize())));
  }

  /** Looks whether it was the path, and gives the memory back. */
  @TearDown(Level.Trial)
  public void tearDown() {
    ActivePath.require(reference, path);
    reference.kill();
    machine.close();
  }

  /** get_page and put_page. */
  @Benchmark
  public Page getPut() {
    page.get();
    page.put();
    return page;
  }

  /** pfn_to_page, get_page and put_page, anywhere. */
  @Benchmark
  public Page lookUpGetPut(Cursor cursor) {
    Page found = Objects.requireNonNull(machine.page(cursor.next(pfns)));
    found.get();
    found.put();
    return found;
  }

  /** A hold of a page anywhere, and its close. */
  @Benchmark
  public PageHold holdClose(Cursor cursor) {
    PageHold held = Objects.requireNonNull(machine.hold(cursor.next(pfns)));
    held.close();
    return held;
  }
}
