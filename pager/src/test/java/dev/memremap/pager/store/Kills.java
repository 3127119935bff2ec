// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.random.RandomGenerator;

/** Kills a process that writes to a store, again and again, and looks what is left. */
final class Kills {
  private static final int MAX_WRITES = 60_000;

  private final Path file;
  private final RandomGenerator random;
  private final long[] acknowledged = new long[(int) KilledProgram.GEOMETRY.pages()];
  private long last;

  Kills(Path file, RandomGenerator random) {
    this.file = file;
    this.random = random;
  }

  /** Kills one process; returns how many writes had returned in it. */
  int round() throws IOException, InterruptedException {
    int least = random.nextInt(6) == 0 ? 0 : random.nextInt(MAX_WRITES);
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                KilledProgram.class.getName(),
                file.toString(),
                "" + last,
                "" + random.nextLong())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    int writes = 0;
    try (DataInputStream said = new DataInputStream(process.getInputStream())) {
      while (writes < least && hear(said)) {
        writes++;
      }
      // not always just after a write was heard of
      for (long until = System.nanoTime() + random.nextLong(300_000); System.nanoTime() < until; ) {
        Thread.onSpinWait();
      }
      process.toHandle().destroyForcibly(); // which leaves open what it said
      while (hear(said)) {
        writes++;
      }
    } finally {
      process.destroyForcibly();
    }
    int status = process.waitFor();
    if (status != 128 + 9) {
      throw new AssertionError("the program ended by itself, with status " + status);
    }
    look();
    return writes;
  }

  /** Hears of a write; false once it was the last one. */
  private boolean hear(DataInputStream said) throws IOException {
    try {
      last = said.readLong();
      int first = said.readInt();
      int count = said.readInt();
      for (int i = first; i < first + count; i++) {
        acknowledged[i] = last;
      }
      return true;
    } catch (EOFException e) {
      return false;
    }
  }

  private void look() throws StoreException {
    StoreGeometry geometry = KilledProgram.GEOMETRY;
    try (Arena arena = Arena.ofConfined();
        PageStore store = FileStore.at(file).open(geometry.pages(), geometry.pageBytes())) {
      MemorySegment page = arena.allocate(geometry.pageBytes());
      long unheard = last + 1;
      for (int i = 0; i < acknowledged.length; i++) {
        long found = MarkedPages.version(store.read(i, 1, page), i);
        if (!List.of(acknowledged[i], unheard).contains(found)) {
          throw new AssertionError(
              "page %d is version %d; the last that was written is %d, and %d was begun"
                  .formatted(i, found, acknowledged[i], unheard));
        }
        acknowledged[i] = found;
      }
      last = unheard;
    }
  }
}
