// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import dev.memremap.rule.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.function.LongFunction;

/** A use of a store in which one call of the system fails, once for each call. */
final class FailingCalls {
  private static final Path PATH = Path.of("/simulated/store");
  private static final StoreGeometry GEOMETRY = new StoreGeometry(18, 4096);

  /** What is tried, and tried again if it fails. */
  private interface Step {
    void run() throws StoreException;
  }

  private final SimulatedFile file;
  private final MemorySegment page = Arena.ofAuto().allocate(GEOMETRY.pageBytes());
  private FileStore store;
  private int failures;

  private FailingCalls(SimulatedFile file) {
    this.file = file;
  }

  static void check() {
    check(SimulatedFile::new);
  }

  /** Each call fails in its turn; returns how many there were. */
  static int check(LongFunction<SimulatedFile> files) {
    for (int call = 0; ; call++) {
      for (Errno errno : new Errno[] {Errno.EIO, Errno.ENOSPC}) {
        SimulatedFile file = files.apply(new StoreLayout(GEOMETRY).bytes());
        file.failAfter(call, errno.number());
        new FailingCalls(file).run(call);
        if (!file.hasFailed()) {
          return call;
        }
      }
    }
  }

  private void run(int call) {
    open();
    for (int version = 1; version <= 3; version++) {
      write(version);
      if (version != 2) {
        tried(() -> store.flush());
      }
      expect(version, call);
    }
    write(4);
    store.close();
    open();
    expect(4, call);
    write(5);
    tried(() -> store.flush());
    expect(5, call);
    if (failures > 1) {
      throw new AssertionError("call %d failed once, and %d steps did".formatted(call, failures));
    }
    SplittableRandom random = new SplittableRandom(call);
    for (int i = 0; i < 20; i++) {
      SimulatedFile cut = file.afterPowerCut(random);
      tried(() -> store = StoreOpening.open(PATH, cut, GEOMETRY));
      expect(5, call);
    }
  }

  private void open() {
    tried(() -> store = StoreOpening.open(PATH, file, GEOMETRY));
  }

  private void write(int version) {
    for (int i = 0; i < GEOMETRY.pages(); i++) {
      int number = i;
      MarkedPages.fill(page, number, version);
      tried(
          () -> {
            try {
              store.write(number, page);
            } catch (StoreException e) {
              long found = MarkedPages.version(read(number), number);
              if (found < version - 1 || found > version) {
                throw new AssertionError(
                    "page %d became version %d when version %d was not written"
                        .formatted(number, found, version));
              }
              MarkedPages.fill(page, number, version);
              throw e;
            }
          });
    }
  }

  private void expect(int version, int call) {
    int all = (int) GEOMETRY.pages();
    MemorySegment room = Arena.ofAuto().allocate((long) all * GEOMETRY.pageBytes());
    tried(() -> MarkedPages.version(store.read(0, all, room).asSlice(0, page.byteSize()), 0));
    for (int i = 0; i < GEOMETRY.pages(); i++) {
      long found = MarkedPages.version(read(i), i);
      if (found != version) {
        throw new AssertionError(
            "call %d failed, and page %d is version %d, not %d".formatted(call, i, found, version));
      }
    }
  }

  private MemorySegment read(int number) {
    MemorySegment room = Arena.ofAuto().allocate(GEOMETRY.pageBytes());
    tried(() -> store.read(number, 1, room));
    return room;
  }

  private void tried(Step step) {
    try {
      step.run();
    } catch (StoreException e) {
      failures++;
      requireSentence(e);
      try {
        step.run();
      } catch (StoreException again) {
        throw new AssertionError("failed again: " + again.getMessage(), again);
      }
    }
  }

  private static void requireSentence(StoreException e) {
    String sentence = String.valueOf(e.getMessage());
    if (!sentence.startsWith(PATH.toString())
        || sentence.contains("\n")
        || e.kind() != StoreException.Kind.OUTAGE) {
      throw new AssertionError("%s: %s".formatted(e.kind(), sentence), e);
    }
  }
}
