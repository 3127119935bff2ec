// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks;

import dev.memremap.Lookup;
import dev.memremap.Machine;
import dev.memremap.machine.MachineDescription;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.ref.Counting;
import dev.memremap.ref.PercpuRef;
import dev.memremap.resource.PhysRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
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
 * Finding the map of a random page, taking a reference to it and putting it; beside what one would
 * otherwise take for it: a sorted map of ranges whose values are counted by an {@code AtomicLong}.
 *
 * <p>{@code path} names where the maps' references must count; the benchmark prints where they do,
 * and fails if that is another place.
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
public class LookupBenchmark {
  private static final long FIRST = 1L << 40;
  private static final long SLOT_BYTES = 32L << 20;
  private static final long SUBSECTION = 2L << 20;
  private static final int PFNS = 1 << 12;

  /** How many page maps there are. */
  @Param({"1", "16", "1024"})
  private int maps;

  /** Where references are to count. */
  @Param("CELLS")
  private Counting path;

  private PercpuRef reference;
  private Machine machine;
  private DevPagemap hint;
  private long hintPfn;
  private long[] pfns;
  private ConcurrentSkipListMap<Long, Peer> skipList;
  private TreeMap<Long, Peer> tree;
  private ReadWriteLock lock;

  /** A range, and how many hold it. */
  private record Peer(long lastPfn, AtomicLong references) {
    boolean tryGet() {
      while (true) {
        long count = references.get();
        if (count == 0) {
          return false;
        }
        if (references.compareAndSet(count, count + 1)) {
          return true;
        }
      }
    }

    void put() {
      references.decrementAndGet();
    }
  }

  /** Where a thread is in the list of pages. */
  @State(Scope.Thread)
  public static class Cursor {
    private int at = (int) Thread.currentThread().threadId() * 97;

    /** Made by JMH. */
    public Cursor() {}

    long next(long[] pfns) {
      return pfns[at++ & (PFNS - 1)];
    }
  }

  /** Made by JMH. */
  public LookupBenchmark() {}

  /** Maps of 2 to 16 MiB with holes between them, and pages that are in one. */
  @Setup(Level.Trial)
  public void setUp() {
    System.setProperty("dev.memremap.percpu", path.name().toLowerCase(Locale.ROOT));
    reference = PercpuRef.init();
    machine =
        Machine.simulated(
            MachineDescription.parse("# phys-bits=46\n00001000-3fffffff : System RAM\n"));
    skipList = new ConcurrentSkipListMap<>();
    tree = new TreeMap<>();
    lock = new ReentrantReadWriteLock();
    SplittableRandom random = new SplittableRandom(42);
    List<PhysRange> ranges = new ArrayList<>();
    for (int i = 0; i < maps; i++) {
      PhysRange range =
          PhysRange.of(
              FIRST + i * SLOT_BYTES + random.nextInt(8) * SUBSECTION,
              (1 + random.nextInt(8)) * SUBSECTION);
      ranges.add(range);
      DevPagemap.Builder builder = DevPagemap.over(range).type(MemoryType.GENERIC);
      DevPagemap map = (i == 0 ? builder.ref(reference) : builder).build();
      machine.memremapPages(map);
      Peer peer = new Peer(range.lastPfn(machine.pageSize()), new AtomicLong(1));
      skipList.put(range.firstPfn(machine.pageSize()), peer);
      tree.put(range.firstPfn(machine.pageSize()), peer);
    }
    pfns = new long[PFNS];
    for (int i = 0; i < PFNS; i++) {
      PhysRange range = ranges.get(random.nextInt(maps));
      pfns[i] =
          random.nextLong(
              range.firstPfn(machine.pageSize()), range.lastPfn(machine.pageSize()) + 1);
    }
    hintPfn = ranges.getFirst().firstPfn(machine.pageSize()) + 1;
    hint = machine.getDevPagemap(hintPfn, null);
  }

  /** Gives everything back. */
  @TearDown(Level.Trial)
  public void tearDown() {
    ActivePath.require(reference, path);
    hint.put();
    reference.kill();
    machine.close();
  }

  /** A hint that covers the page. */
  @Benchmark
  public @Nullable DevPagemap coveringHint() {
    return machine.getDevPagemap(hintPfn, hint);
  }

  /** No hint, and the put. */
  @Benchmark
  public @Nullable DevPagemap noHint(Cursor cursor) {
    DevPagemap map = machine.getDevPagemap(cursor.next(pfns), null);
    if (map != null) {
      map.put();
    }
    return map;
  }

  /** A hold, and its close. */
  @Benchmark
  public @Nullable Lookup hold(Cursor cursor) {
    Lookup held = machine.lookup(cursor.next(pfns));
    if (held != null) {
      held.close();
    }
    return held;
  }

  /** A skip list, and an atomic counter for each range. */
  @Benchmark
  public @Nullable Object skipList(Cursor cursor) {
    long pfn = cursor.next(pfns);
    Map.Entry<Long, Peer> entry = skipList.floorEntry(pfn);
    return takeAndPut(entry, pfn);
  }

  /** A tree under a read lock, and an atomic counter for each range. */
  @Benchmark
  public @Nullable Object treeMapUnderReadLock(Cursor cursor) {
    long pfn = cursor.next(pfns);
    Map.Entry<Long, Peer> entry;
    lock.readLock().lock();
    try {
      entry = tree.floorEntry(pfn);
    } finally {
      lock.readLock().unlock();
    }
    return takeAndPut(entry, pfn);
  }

  private static @Nullable Peer takeAndPut(Map.@Nullable Entry<Long, Peer> entry, long pfn) {
    if (entry == null || entry.getValue().lastPfn < pfn || !entry.getValue().tryGet()) {
      return null;
    }
    entry.getValue().put();
    return entry.getValue();
  }
}
