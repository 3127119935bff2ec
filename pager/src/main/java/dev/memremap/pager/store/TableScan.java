// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Goes through the records of all pages that were written, in order. Nothing else writes meanwhile.
 *
 * <p>Thread safety: for one thread.
 */
final class TableScan {
  private static final int CHUNK_RECORDS = 4096;

  /** Sequences are compared before a record is read, as most pages of a large store are flushed. */
  private static final ValueLayout.OfLong SEQUENCE =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final int MAX_AHEAD_BYTES = 1 << 20;

  private final StoreFile file;
  private final StoreLayout layout;
  private final MemorySegment records;
  private final PageRecord record = new PageRecord();

  /** Pages beside each other of one area; twice as many each time the next one is wanted. */
  private final MemorySegment ahead;

  private long aheadFirst;
  private int aheadSlot;
  private int aheadCount;
  private long seen; // the offset of the page that was looked at last

  /** What is done with a page. */
  interface Visitor {
    /**
     * Looks at a record.
     *
     * @return whether it changed it, so that it is to be written
     */
    boolean visit(long page, PageRecord record) throws IOException;
  }

  TableScan(StoreFile file, StoreLayout layout) {
    this.file = file;
    this.layout = layout;
    Arena arena = Arena.ofAuto();
    this.records = arena.allocate((long) CHUNK_RECORDS * StoreLayout.RECORD_BYTES, Long.BYTES);
    this.ahead = arena.allocate(Math.max(MAX_AHEAD_BYTES, layout.pageBytes()));
  }

  /** Visits each page that was written. */
  void each(Visitor visitor) throws IOException {
    eachAfter(-1, visitor);
  }

  /** Visits each page that was written after a sequence, and may visit others. */
  void eachAfter(long sequence, Visitor visitor) throws IOException {
    long at = layout.tableAt();
    while ((at = nextRecord(at)) < layout.tableEnd()) {
      long bytes = Math.min(records.byteSize(), layout.tableEnd() - at);
      file.read(at, records.asSlice(0, bytes));
      for (long offset = 0; offset < bytes; offset += StoreLayout.RECORD_BYTES) {
        if (hasAfter(sequence, offset)) {
          visit(at + offset, offset, visitor);
        }
      }
      at += bytes;
    }
  }

  private boolean hasAfter(long sequence, long offset) {
    for (int slot = 0; slot < StoreLayout.SLOTS; slot++) {
      if (records.get(SEQUENCE, offset + (long) slot * PageRecord.ENTRY_BYTES) > sequence) {
        return true;
      }
    }
    return false;
  }

  /** Skips what has no room in the file, and so was never written. */
  private long nextRecord(long at) throws IOException {
    if (at >= layout.tableEnd()) {
      return at;
    }
    long data = file.nextData(at) - layout.tableAt();
    return Math.max(at, layout.tableAt() + (data & -StoreLayout.RECORD_BYTES));
  }

  private void visit(long at, long offset, Visitor visitor) throws IOException {
    long number = (at - layout.tableAt()) / StoreLayout.RECORD_BYTES;
    record.load(records, offset, number);
    boolean isWritten = record.newest() >= 0 || record.isDamaged();
    if (isWritten && visitor.visit(number, record)) {
      MemorySegment changed = records.asSlice(offset, StoreLayout.RECORD_BYTES);
      record.store(changed, 0);
      file.write(at, changed);
    }
  }

  /** Whether a slot has the bytes that its entry says; {@link #bytes} returns them then. */
  boolean isWhole(long number, PageRecord of, int slot) throws IOException {
    if (slot != aheadSlot || number < aheadFirst || number >= aheadFirst + aheadCount) {
      readAhead(number, slot);
    }
    seen = (number - aheadFirst) * layout.pageBytes();
    return Scratch.mine().checksum(ahead, seen, layout.pageBytes()) == of.checksum(slot);
  }

  private void readAhead(long number, int slot) throws IOException {
    boolean isNext = aheadCount > 0 && slot == aheadSlot && number == aheadFirst + aheadCount;
    long most = Math.min(layout.pages() - number, ahead.byteSize() / layout.pageBytes());
    int count = (int) Math.min(most, isNext ? 2L * aheadCount : 1);
    aheadCount = 0;
    try {
      read(number, slot, count);
    } catch (IOException e) {
      if (count == 1) {
        throw e;
      }
      read(number, slot, 1); // it may be another page that cannot be read
    }
  }

  private void read(long number, int slot, int count) throws IOException {
    file.read(layout.pageAt(slot, number), ahead.asSlice(0, (long) count * layout.pageBytes()));
    aheadFirst = number;
    aheadSlot = slot;
    aheadCount = count;
  }

  /** The bytes of the page that was looked at last. */
  MemorySegment bytes() {
    return ahead.asSlice(seen, layout.pageBytes());
  }
}
