// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import dev.memremap.pager.store.StoreException.Kind;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Goes through two stores of the same size, 1 MiB at a time, and leaves out what neither has.
 *
 * <p>Thread safety: for one thread.
 */
final class TransferRuns implements AutoCloseable {
  private static final int RUN_BYTES = 1 << 20;

  private final PageStore source;
  private final PageStore copy;
  private final int pageBytes;
  private final long pages;
  private final int perRun;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment sourceRoom;
  private final MemorySegment copyRoom;
  private final MemorySegment zeros;
  private final boolean[] isDamaged;
  private final CRC32C crc = new CRC32C();
  private long copied;
  private long found;

  @SuppressWarnings("MustBeClosed") // close does
  TransferRuns(PageStore source, PageStore copy) {
    this.source = source;
    this.copy = copy;
    this.pageBytes = source.pageBytes();
    this.pages = source.pages();
    this.perRun = Math.max(1, RUN_BYTES / pageBytes);
    this.sourceRoom = arena.allocate((long) perRun * pageBytes, pageBytes);
    this.copyRoom = arena.allocate((long) perRun * pageBytes, pageBytes);
    this.zeros = arena.allocate(pageBytes, pageBytes);
    this.isDamaged = new boolean[perRun];
  }

  /** Where a store has the next page that was written. */
  private static final class Written {
    private final PageStore store;
    private long next = -1;

    Written(PageStore store) {
      this.store = store;
    }

    long from(long page) throws StoreException {
      if (next < page) {
        next = store.nextWritten(page);
      }
      return next;
    }
  }

  /** What is done with a run of pages of which one store has some at least. */
  private interface Step {
    void run(long first, int count, boolean isInSource, boolean isInCopy) throws StoreException;
  }

  private void each(Step step, LongConsumer watch) throws StoreException {
    Written inSource = new Written(source);
    Written inCopy = new Written(copy);
    long at = 0;
    watch.accept(0);
    while (true) {
      at = Math.min(inSource.from(at), inCopy.from(at));
      if (at >= pages) {
        watch.accept(pages);
        return;
      }
      int count = (int) Math.min(pages - at, perRun - at % perRun);
      step.run(at, count, inSource.next < at + count, inCopy.next < at + count);
      at += count;
      watch.accept(at);
    }
  }

  /** Writes each page to the copy that it does not have. */
  void copy(LongConsumer watch) throws StoreException {
    each(this::copyRun, watch);
  }

  private void copyRun(long first, int count, boolean isInSource, boolean isInCopy)
      throws StoreException {
    @Nullable MemorySegment wanted = isInSource ? read(source, first, count, sourceRoom) : null;
    @Nullable MemorySegment has = isInCopy ? readAsFarAsWhole(first, count) : null;
    int begin = -1;
    for (int i = 0; i < count; i++) {
      MemorySegment page = wanted == null ? zeros : page(wanted, i);
      boolean damaged = has != null && isDamaged[i];
      boolean same = !damaged && page.mismatch(has == null ? zeros : page(has, i)) < 0;
      if (same && page.mismatch(zeros) >= 0) {
        found++;
      }
      if (same && begin >= 0) {
        write(first, begin, i, wanted);
        begin = -1;
      } else if (!same && begin < 0) {
        begin = i;
      }
    }
    if (begin >= 0) {
      write(first, begin, count, wanted);
    }
  }

  /** Writes some pages of a run, and zeros where the source has none. */
  private void write(long first, int begin, int end, @Nullable MemorySegment wanted)
      throws StoreException {
    MemorySegment run = wanted;
    if (run == null) {
      run = sourceRoom;
      run.fill((byte) 0);
    }
    copy.write(
        first + begin, run.asSlice((long) begin * pageBytes, (long) (end - begin) * pageBytes));
    copied += end - begin;
  }

  private MemorySegment page(MemorySegment run, int index) {
    return run.asSlice((long) index * pageBytes, pageBytes);
  }

  /** Reads a run into the room, where it stays as it is. */
  private MemorySegment read(PageStore store, long first, int count, MemorySegment room)
      throws StoreException {
    MemorySegment run = room.asSlice(0, (long) count * pageBytes);
    MemorySegment where = store.read(first, count, run);
    if (where.address() != run.address()) {
      run.copyFrom(where);
    }
    return run;
  }

  /** Reads a run of the copy, and notes which of its pages are damaged: those are written anew. */
  private MemorySegment readAsFarAsWhole(long first, int count) throws StoreException {
    Arrays.fill(isDamaged, false);
    try {
      return read(copy, first, count, copyRoom);
    } catch (StoreException e) {
      requireOfPage(e);
    }
    for (int i = 0; i < count; i++) {
      try {
        read(copy, first + i, 1, page(copyRoom, i));
      } catch (StoreException e) {
        requireOfPage(e);
        isDamaged[i] = true;
      }
    }
    return copyRoom;
  }

  private static void requireOfPage(StoreException e) throws StoreException {
    if (e.kind() != Kind.DAMAGED || e.page().isEmpty()) {
      throw e;
    }
  }

  /** Reads both stores, and throws of the first page that differs. */
  void compare(LongConsumer watch, LongFunction<StoreException> differs) throws StoreException {
    each(
        (first, count, isInSource, isInCopy) -> {
          MemorySegment wanted = run(source, isInSource, first, count, sourceRoom);
          MemorySegment has = run(copy, isInCopy, first, count, copyRoom);
          if (checksum(wanted) != checksum(has)) {
            throw differs.apply(first + Math.max(0, wanted.mismatch(has)) / pageBytes);
          }
        },
        watch);
  }

  private MemorySegment run(
      PageStore store, boolean isThere, long first, int count, MemorySegment room)
      throws StoreException {
    if (isThere) {
      return read(store, first, count, room);
    }
    return room.asSlice(0, (long) count * pageBytes).fill((byte) 0);
  }

  private long checksum(MemorySegment run) {
    crc.reset();
    crc.update(run.asByteBuffer());
    return crc.getValue();
  }

  long copied() {
    return copied;
  }

  long found() {
    return found;
  }

  @Override
  public void close() {
    arena.close();
  }
}
