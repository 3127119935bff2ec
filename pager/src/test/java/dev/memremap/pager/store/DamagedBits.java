// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/** Changes each bit of a page's record, and each fiftieth of its bytes, one at a time. */
final class DamagedBits {
  private static final StoreGeometry GEOMETRY = new StoreGeometry(2, 4096);
  private static final int EACH = 50;

  private DamagedBits() {}

  /** Looks whether the page is then its newest version still, or is said to be damaged. */
  static void check() throws StoreException {
    StoreLayout layout = new StoreLayout(GEOMETRY);
    SimulatedFile file = new SimulatedFile(layout.bytes());
    MemorySegment page = Arena.ofAuto().allocate(GEOMETRY.pageBytes());
    try (FileStore store = StoreOpening.open(Path.of("/simulated/store"), file, GEOMETRY)) {
      for (int version = 1; version <= 3; version++) {
        MarkedPages.fill(page, 1, version);
        store.write(1, page);
        store.flush();
      }
      for (long bit = 0; bit < StoreLayout.RECORD_BYTES * 8; bit++) {
        check(store, file, layout.recordAt(1) * 8 + bit, page);
      }
      for (int slot = 0; slot < StoreLayout.SLOTS; slot++) {
        for (long bit = 0; bit < GEOMETRY.pageBytes() * 8; bit += EACH) {
          check(store, file, layout.pageAt(slot, 1) * 8 + bit, page);
        }
      }
    }
  }

  private static void check(FileStore store, SimulatedFile file, long bit, MemorySegment page) {
    byte was = file.bytes().get(ValueLayout.JAVA_BYTE, bit / 8);
    file.bytes().set(ValueLayout.JAVA_BYTE, bit / 8, (byte) (was ^ (1 << (bit % 8))));
    try {
      long version = MarkedPages.version(store.read(1, 1, page), 1);
      if (version != 3) {
        throw new AssertionError(
            "with bit %d changed, the page is version %d, not 3".formatted(bit, version));
      }
    } catch (StoreException e) {
      if (e.kind() != StoreException.Kind.DAMAGED || e.page().orElse(-1) != 1) {
        throw new AssertionError(e);
      }
    }
    file.bytes().set(ValueLayout.JAVA_BYTE, bit / 8, was);
  }
}
