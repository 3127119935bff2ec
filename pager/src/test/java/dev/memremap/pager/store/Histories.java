// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongFunction;
import java.util.random.RandomGenerator;

/**
 * What happens to a store, drawn at random: writes, flushes during which others write, reopenings,
 * and crashes at each call, also while it is opened after a crash. After each it is looked whether
 * every page is whole, and as new as is promised.
 */
final class Histories {
  private static final Path PATH = Path.of("/simulated/store");
  private static final int STEPS = 14;

  /** Which crashes there are. */
  enum Crashes {
    POWER_CUTS,
    KILLS,
    BOTH
  }

  private final RandomGenerator random;
  private final Crashes crashes;
  private final StoreGeometry geometry;
  private final MemorySegment page;
  private final BitSet[] written;

  /** The version that outlasts a loss of power, and the one that outlasts a killed process. */
  private final long[] flushed;

  private final long[] acknowledged;
  private int versions;
  private SimulatedFile file;
  private FileStore store;

  private Histories(RandomGenerator random, Crashes crashes, LongFunction<SimulatedFile> files)
      throws StoreException {
    this.random = random;
    this.crashes = crashes;
    this.geometry = new StoreGeometry(random.nextInt(1, 6), random.nextInt(4) > 0 ? 4096 : 16384);
    this.page = Arena.ofAuto().allocate(geometry.pageBytes());
    this.flushed = new long[(int) geometry.pages()];
    this.acknowledged = new long[(int) geometry.pages()];
    this.written = new BitSet[(int) geometry.pages()];
    Arrays.setAll(written, i -> new BitSet());
    this.file = files.apply(new StoreLayout(geometry).bytes());
    this.store = StoreOpening.open(PATH, file, geometry);
  }

  /** Checks one history. */
  static void check(RandomGenerator random, Crashes crashes, LongFunction<SimulatedFile> files)
      throws StoreException {
    new Histories(random, crashes, files).run();
  }

  /** Called in a class loader of its own, in which a fault is planted. */
  static void checkMany(String crashes, int times) {
    for (int seed = 0; seed < times; seed++) {
      try {
        check(new SplittableRandom(seed), Crashes.valueOf(crashes), SimulatedFile::new);
      } catch (StoreException e) {
        throw new AssertionError("no page is left: " + e.getMessage(), e);
      }
    }
  }

  private void run() throws StoreException {
    for (int i = 0; i < STEPS; i++) {
      if (random.nextInt(3) == 0) {
        file.crashAfter(random.nextInt(12));
      }
      try {
        step();
      } catch (SimulatedFile.Crash crash) {
        crash();
      }
    }
  }

  private void step() throws StoreException {
    switch (random.nextInt(10)) {
      case 0, 1, 2 -> flush();
      case 3 -> {
        store.close();
        store = StoreOpening.open(PATH, file, geometry);
        System.arraycopy(acknowledged, 0, flushed, 0, flushed.length);
      }
      case 4 -> throw new SimulatedFile.Crash();
      default -> write();
    }
  }

  private void write() throws StoreException {
    int first = random.nextInt((int) geometry.pages());
    int count = random.nextInt(1, (int) geometry.pages() - first + 1);
    write(first, count);
  }

  private void write(int first, int count) throws StoreException {
    long version = ++versions;
    MemorySegment bytes = Arena.ofAuto().allocate((long) count * geometry.pageBytes());
    MarkedPages.fill(bytes, geometry.pageBytes(), first, version);
    for (int i = first; i < first + count; i++) {
      written[i].set((int) version);
    }
    store.write(first, bytes);
    for (int i = first; i < first + count; i++) {
      acknowledged[i] = version;
    }
  }

  private void flush() throws StoreException {
    long[] before = acknowledged.clone();
    if (random.nextInt(3) == 0) {
      file.duringNextForce(
          () -> {
            try {
              for (int i = random.nextInt(4); i > 0; i--) {
                write();
              }
            } catch (StoreException e) {
              throw new AssertionError(e);
            }
          });
    }
    store.flush();
    file.duringNextForce(() -> {});
    System.arraycopy(before, 0, flushed, 0, flushed.length);
  }

  private void crash() throws StoreException {
    List<String> happened = new ArrayList<>();
    boolean powerWasCut = false;
    boolean opened = false;
    while (!opened) {
      boolean cut =
          crashes == Crashes.POWER_CUTS || (crashes == Crashes.BOTH && random.nextBoolean());
      powerWasCut |= cut;
      happened.add(cut ? "power cut" : "kill");
      file = cut ? file.afterPowerCut(random) : file.afterKill();
      if (random.nextInt(3) == 0) {
        file.crashAfter(random.nextInt(30));
      }
      try {
        store = StoreOpening.open(PATH, file, geometry);
        opened = true;
      } catch (SimulatedFile.Crash again) {
        happened.add("while it was opened");
      }
    }
    file.crashAfter(Integer.MAX_VALUE);
    for (int i = 0; i < geometry.pages(); i++) {
      long found = found(i, happened);
      long least = powerWasCut ? flushed[i] : acknowledged[i];
      if (found < least || (found > 0 && !written[i].get((int) found))) {
        throw new AssertionError(
            "after %s page %d is version %d, and %d is promised"
                .formatted(happened, i, found, least));
      }
      flushed[i] = found;
      acknowledged[i] = found;
      written[i].clear((int) found + 1, versions + 1);
    }
  }

  private long found(int i, List<String> happened) {
    try {
      return MarkedPages.version(store.read(i, 1, page), i);
    } catch (StoreException e) {
      throw new AssertionError("after %s: %s".formatted(happened, e.getMessage()), e);
    }
  }
}
