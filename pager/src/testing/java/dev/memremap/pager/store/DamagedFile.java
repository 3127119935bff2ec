// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.random.RandomGenerator;

/** Damages a page in the file of a {@link FileStore}. */
public final class DamagedFile {
  private DamagedFile() {}

  /** Changes a bit of a page or of its entry. */
  public static void change(Path store, StoreGeometry geometry, long page, RandomGenerator random)
      throws IOException {
    StoreLayout layout = new StoreLayout(geometry);
    try (RandomAccessFile file = new RandomAccessFile(store.toFile(), "rw")) {
      byte[] raw = new byte[StoreLayout.RECORD_BYTES];
      file.seek(layout.recordAt(page));
      file.readFully(raw);
      PageRecord record = new PageRecord();
      record.load(MemorySegment.ofArray(raw), 0, page);
      int slot = record.newest();
      long at =
          random.nextBoolean()
              ? layout.recordAt(page) + slot * 16L + random.nextInt(16)
              : layout.pageAt(slot, page) + random.nextInt(geometry.pageBytes());
      file.seek(at);
      int was = file.read();
      file.seek(at);
      file.write(was ^ (1 << random.nextInt(8)));
    }
  }
}
