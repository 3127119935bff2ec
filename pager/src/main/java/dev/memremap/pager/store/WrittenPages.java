// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Finds pages that have a record in a store's table. */
final class WrittenPages {
  /** Of these the system says whether they have room in the file. */
  private static final int BLOCK_BYTES = 4096;

  private WrittenPages() {}

  /** The first page from this one on that has a record; the number of pages if none has. */
  static long next(StoreFile file, StoreLayout layout, long page) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment block = arena.allocate(BLOCK_BYTES, Long.BYTES);
      long at = layout.recordAt(page);
      while ((at = nextRecord(file, layout, at)) < layout.tableEnd()) {
        long bytes = Math.min(BLOCK_BYTES - at % BLOCK_BYTES, layout.tableEnd() - at);
        MemorySegment records = block.asSlice(0, bytes);
        file.read(at, records);
        for (long offset = 0; offset < bytes; offset += Long.BYTES) {
          if (records.get(ValueLayout.JAVA_LONG, offset) != 0) {
            return (at + offset - layout.tableAt()) / StoreLayout.RECORD_BYTES;
          }
        }
        at += bytes;
      }
      return layout.pages();
    }
  }

  /** Skips what has no room in the file. */
  private static long nextRecord(StoreFile file, StoreLayout layout, long at) throws IOException {
    if (at >= layout.tableEnd()) {
      return at;
    }
    long data = file.nextData(at) - layout.tableAt();
    return Math.max(at, layout.tableAt() + (data & -StoreLayout.RECORD_BYTES));
  }
}
