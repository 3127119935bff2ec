// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.sim;

import dev.memremap.resource.PhysRange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Which bytes of a file are known to be allocated: ranges that neither overlap nor touch.
 *
 * <p>Thread safety: {@code runs} is guarded by {@code this}, which {@link #allocate} locks; the
 * other methods are for it, and for tests.
 */
final class AllocatedPages {
  /** A file system allocates whole blocks, and the pages of a host are at least this large. */
  private static final long BLOCK_BYTES = 4096;

  /** How many zeros are written at once. */
  private static final long ZEROS = 1L << 20;

  private final Path directory;
  private final NavigableMap<Long, Long> runs = new TreeMap<>();

  /** Nothing yet, of a file in a directory. */
  AllocatedPages(Path directory) {
    this.directory = directory;
  }

  /**
   * Allocates the blocks of a range, by writing zeros where nothing was allocated. Every mapping is
   * allocated before it is handed out, so nothing can have been stored there.
   *
   * @param channel writes to the file
   * @throws IOException if the file system is full; some of it may be allocated then
   */
  synchronized void allocate(FileChannel channel, PhysRange range) throws IOException {
    List<PhysRange> missing = missing(range.roundOutTo(BLOCK_BYTES));
    long bytes = missing.stream().mapToLong(PhysRange::sizeBytes).sum();
    long left = Room.left(directory);
    if (left != 0 && bytes > left) {
      throw new IOException(
          "No space left on device: %d bytes are to be allocated, and %d are left"
              .formatted(bytes, left));
    }
    for (PhysRange run : missing) {
      for (long at = run.start(); at <= run.endInclusive(); at += ZEROS) {
        long size = Math.min(ZEROS, run.endInclusive() - at + 1);
        ByteBuffer zeros = ByteBuffer.allocate((int) size);
        while (zeros.hasRemaining()) {
          channel.write(zeros, at + zeros.position());
        }
        add(PhysRange.of(at, size));
      }
    }
  }

  /** The parts of a range that are not known to be allocated, ascending. */
  List<PhysRange> missing(PhysRange range) {
    List<PhysRange> missing = new ArrayList<>();
    long next = range.start();
    Map.Entry<Long, Long> run = runs.floorEntry(next);
    if (run == null) {
      run = runs.higherEntry(next);
    }
    for (;
        run != null && run.getKey() <= range.endInclusive();
        run = runs.higherEntry(run.getKey())) {
      if (run.getKey() > next) {
        missing.add(new PhysRange(next, run.getKey() - 1));
      }
      next = Math.max(next, run.getValue() + 1);
    }
    if (next <= range.endInclusive()) {
      missing.add(new PhysRange(next, range.endInclusive()));
    }
    return missing;
  }

  /** A range was allocated. */
  void add(PhysRange range) {
    long start = range.start();
    long end = range.endInclusive();
    Map.Entry<Long, Long> run = runs.floorEntry(end + 1);
    while (run != null && run.getValue() + 1 >= start) {
      start = Math.min(start, run.getKey());
      end = Math.max(end, run.getValue());
      runs.remove(run.getKey());
      run = runs.floorEntry(end + 1);
    }
    runs.put(start, end);
  }
}
