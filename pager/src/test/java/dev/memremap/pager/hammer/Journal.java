// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.hammer;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * What each thread of a {@link Hammer} has stored in each page, in a file that outlives its JVM:
 * the version that it was about to store last, the last one that it has stored, and the last one
 * that a flush has covered. So after {@code kill -9} a test knows what may be in the store.
 */
final class Journal {
  private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

  private final MemorySegment begun;
  private final MemorySegment done;
  private final MemorySegment flushed;
  private final int pages;

  private Journal(MemorySegment all, int pages) {
    long part = all.byteSize() / 3;
    this.begun = all.asSlice(0, part);
    this.done = all.asSlice(part, part);
    this.flushed = all.asSlice(2 * part, part);
    this.pages = pages;
  }

  /** Maps it, and makes it first where it is missing. */
  static Journal open(Path file, int threads, int pages, Arena arena) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      long bytes = 3L * Integer.BYTES * threads * pages;
      return new Journal(channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes, arena), pages);
    }
  }

  private long at(int thread, int page) {
    return ((long) thread * pages + page) * Integer.BYTES;
  }

  /** A thread is about to store a version. */
  void begin(int thread, int page, int version) {
    INT.setVolatile(begun, at(thread, page), version);
  }

  /** It has stored it. */
  void done(int thread, int page, int version) {
    INT.setVolatile(done, at(thread, page), version);
  }

  int begun(int thread, int page) {
    return (int) INT.getVolatile(begun, at(thread, page));
  }

  int done(int thread, int page) {
    return (int) INT.getVolatile(done, at(thread, page));
  }

  int flushed(int thread, int page) {
    return (int) INT.getVolatile(flushed, at(thread, page));
  }

  /** Another application goes on from what was found in the store. */
  void found(int thread, int page, int version) {
    begin(thread, page, version);
    done(thread, page, version);
    INT.setVolatile(flushed, at(thread, page), version);
  }

  /** Flushes by this, and notes what was stored before. */
  void flush(Runnable flush) {
    MemorySegment before = Arena.ofAuto().allocate(done.byteSize(), Integer.BYTES);
    for (long at = 0; at < done.byteSize(); at += Integer.BYTES) {
      before.set(ValueLayout.JAVA_INT, at, (int) INT.getVolatile(done, at));
    }
    flush.run();
    flushed.copyFrom(before);
  }
}
