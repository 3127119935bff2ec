// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writes pages: the bytes into a slot that may be overwritten, then the entry, which makes them the
 * page. What was the page before stays until then, so a process that is killed in between, or a
 * call that fails, loses nothing.
 *
 * <p>Thread safety: pages are written with the gate held shared. {@link #last} changes in steps;
 * {@link #flushing} and {@link #flushed} change while the gate is held exclusively, but that {@code
 * flushed} also moves up to {@code flushing} at any time, which frees slots alone.
 */
final class PageWriter {
  /** Another process's lease is looked for once in so many writes. */
  private static final int WRITES_PER_LOOK = 1024;

  private static final long BATCH_BYTES = 64L << 20;

  private final OpenFile open;
  private final StoreLayout layout;
  private final int batch;

  /** The sequence that was given last. */
  private final AtomicLong last;

  private volatile long flushing;
  private volatile long flushed;

  PageWriter(OpenFile open, long last) {
    this.open = open;
    this.layout = open.layout;
    this.batch = Math.clamp(BATCH_BYTES / open.layout.pageBytes(), 1, Scratch.RECORDS);
    this.last = new AtomicLong(last);
    this.flushing = last;
    this.flushed = last;
  }

  /** Writes pages; the caller has the gate shared. */
  void write(long first, MemorySegment bytes) throws StoreException {
    if (open.isLost()) {
      open.requireHeld();
    }
    int pageBytes = layout.pageBytes();
    long count = bytes.byteSize() / pageBytes;
    for (long done = 0; done < count; done += batch) {
      int now = (int) Math.min(batch, count - done);
      MemorySegment part =
          now == count ? bytes : bytes.asSlice(done * pageBytes, (long) now * pageBytes);
      long before = last.getAndAdd(now);
      if (before / WRITES_PER_LOOK != (before + now) / WRITES_PER_LOOK) {
        open.requireHeld();
      }
      try {
        write(first + done, now, part, before + 1);
      } catch (IOException e) {
        throw FileSentences.writing(open.path, first + done, now, e);
      }
    }
  }

  private void write(long first, int count, MemorySegment bytes, long sequence) throws IOException {
    Scratch scratch = Scratch.mine();
    MemorySegment records = scratch.records.asSlice(0, (long) count * StoreLayout.RECORD_BYTES);
    open.file.read(layout.recordAt(first), records);
    PageRecord record = scratch.record;
    for (int i = 0; i < count; i++) {
      record.load(records, (long) i * StoreLayout.RECORD_BYTES, first + i);
      int slot = record.free(flushed, flushing);
      int checksum = scratch.checksum(bytes, (long) i * layout.pageBytes(), layout.pageBytes());
      record.put(slot, sequence + i, checksum);
      record.store(records, (long) i * StoreLayout.RECORD_BYTES);
      scratch.slots[i] = (byte) slot;
    }
    writeBytes(first, count, bytes, scratch.slots);
    open.file.write(layout.recordAt(first), records);
  }

  /** Writes the bytes; those that go side by side into one area in one call. */
  private void writeBytes(long first, int count, MemorySegment bytes, byte[] slots)
      throws IOException {
    long pageBytes = layout.pageBytes();
    int end;
    for (int i = 0; i < count; i = end) {
      end = i + 1;
      while (end < count && slots[end] == slots[i]) {
        end++;
      }
      MemorySegment run =
          end - i == count ? bytes : bytes.asSlice(i * pageBytes, (end - i) * pageBytes);
      open.file.write(layout.pageAt(slots[i], first + i), run);
    }
  }

  /** The sequence up to which all lasts. */
  long flushed() {
    return flushed;
  }

  /** Whether something was written since. */
  boolean hasUnflushed() {
    return unflushed() != 0;
  }

  /** How many pages were written since. */
  long unflushed() {
    long lasting = flushed; // read first: it never passes the last one
    return last.get() - lasting;
  }

  /**
   * Begins a flush of all that was written: until it ends, what is the newest now is not
   * overwritten. The caller has the gate exclusively, so no page is half written.
   *
   * @return the sequence to give to {@link #endFlush}
   */
  long beginFlush() {
    flushing = last.get();
    return flushing;
  }

  /** All up to a sequence lasts. */
  void endFlush(long upTo) {
    flushed = upTo;
  }

  /** Sequences go on behind this one; the caller has the gate exclusively. */
  void continueFrom(long sequence) {
    last.set(sequence);
  }
}
