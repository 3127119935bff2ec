// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import java.io.IOException;
import java.nio.file.Path;

/** What makes a store whole again after a crash, or after a flush that failed. */
final class StoreRecovery {
  private StoreRecovery() {}

  /**
   * Forgets entries whose pages a loss of power tore or left out. Only those can be that were not
   * flushed; the page is then what it was before, which is not older than at its last flush.
   *
   * @param flushed the last sequence that is known to last
   * @return the greatest sequence that was found
   */
  static long settle(StoreFile file, StoreLayout layout, long flushed) throws IOException {
    TableScan scan = new TableScan(file, layout);
    long[] greatest = {flushed};
    scan.eachAfter(
        flushed,
        (page, record) -> {
          boolean changed = false;
          int slot;
          while (!record.isDamaged()
              && (slot = record.newest()) >= 0
              && record.sequence(slot) > flushed) {
            greatest[0] = Math.max(greatest[0], record.sequence(slot));
            if (scan.isWhole(page, record, slot)) {
              break;
            }
            record.erase(slot);
            changed = true;
          }
          return changed;
        });
    return greatest[0];
  }

  /**
   * Writes each page anew that was not flushed. After a force that failed, the system may take
   * pages for written that are not, and would not write them at the next one.
   */
  static void writeAgain(StoreFile file, StoreLayout layout, long flushed, Path path)
      throws IOException {
    TableScan scan = new TableScan(file, layout);
    scan.eachAfter(
        flushed,
        (page, record) -> {
          int slot = record.newest();
          if (record.isDamaged() || record.sequence(slot) <= flushed) {
            return false;
          }
          if (!scan.isWhole(page, record, slot)) {
            throw FileSentences.damaged(path, page, "what is on the disk");
          }
          file.write(layout.pageAt(slot, page), scan.bytes());
          return true;
        });
  }
}
