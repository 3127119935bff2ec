// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * A page's record of the table, read into an object that is used again for the next one. It has an
 * entry for each slot:
 *
 * <pre>
 *   0  sequence, 64 bits: the epoch of the lease in the upper 24, a counter in the others; never 0
 *   8  CRC32C of the page's bytes in this slot
 *  12  CRC32C of the 12 bytes before it, and of the page's number
 * </pre>
 *
 * Sixteen zeros are an empty slot. The entry with the greatest sequence is the page.
 *
 * <p>Thread safety: for one thread.
 */
final class PageRecord {
  static final int ENTRY_BYTES = 16;
  static final int EPOCH_SHIFT = 40;

  private static final int CHECKSUM = 8;
  private static final int OWN_CHECKSUM = 12;
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private final byte[] bytes = new byte[StoreLayout.RECORD_BYTES];
  private final MemorySegment segment = MemorySegment.ofArray(bytes);
  // what the checksum of an entry is of: its first 12 bytes, and the page's number
  private final byte[] checked = new byte[OWN_CHECKSUM + Long.BYTES];
  private final CRC32C crc = new CRC32C();
  private boolean damaged;
  private int newest;

  /** Reads the record of a page. */
  void load(MemorySegment from, long offset, long page) {
    // if memory cannot be read, compiled code goes on with what is here: a damaged record
    for (int slot = 0; slot < StoreLayout.SLOTS; slot++) {
      LONG.set(bytes, slot * ENTRY_BYTES, -1L);
    }
    // one copy of 64 bytes: shorter ones are plain loads, after which the error may come anywhere
    MemorySegment.copy(from, offset, segment, 0, StoreLayout.RECORD_BYTES);
    LONG.set(checked, OWN_CHECKSUM, page);
    look();
  }

  private void look() {
    damaged = false;
    newest = -1;
    long greatest = 0;
    for (int slot = 0; slot < StoreLayout.SLOTS; slot++) {
      long sequence = sequence(slot);
      if (sequence == 0 && checksums(slot) == 0) {
        continue;
      }
      if (!isWhole(slot)) {
        damaged = true;
      } else if (sequence > greatest) {
        greatest = sequence;
        newest = slot;
      }
    }
  }

  private boolean isWhole(int slot) {
    return (int) INT.get(bytes, slot * ENTRY_BYTES + OWN_CHECKSUM) == ownChecksum(slot);
  }

  private int ownChecksum(int slot) {
    LONG.set(checked, 0, sequence(slot));
    INT.set(checked, CHECKSUM, checksum(slot));
    crc.reset();
    crc.update(checked, 0, checked.length);
    return (int) crc.getValue();
  }

  /** Writes the record. */
  void store(MemorySegment to, long offset) {
    MemorySegment.copy(segment, 0, to, offset, StoreLayout.RECORD_BYTES);
  }

  /** Whether an entry is not what was written, so that it cannot be said which is the newest. */
  boolean isDamaged() {
    return damaged;
  }

  /** The slot that has the page; -1 if it was never written. */
  int newest() {
    return newest;
  }

  /** The slot that had the page when this was the last sequence; -1 if it was not yet written. */
  int newestUpTo(long last) {
    int found = -1;
    long greatest = 0;
    for (int slot = 0; slot < StoreLayout.SLOTS; slot++) {
      long sequence = sequence(slot);
      if (sequence > greatest && sequence <= last && (!damaged || isWhole(slot))) {
        greatest = sequence;
        found = slot;
      }
    }
    return found;
  }

  long sequence(int slot) {
    return (long) LONG.get(bytes, slot * ENTRY_BYTES);
  }

  /** The checksum of the page's bytes in a slot. */
  int checksum(int slot) {
    return (int) INT.get(bytes, slot * ENTRY_BYTES + CHECKSUM);
  }

  private long checksums(int slot) {
    return (long) LONG.get(bytes, slot * ENTRY_BYTES + CHECKSUM);
  }

  /**
   * Returns the first slot that may be overwritten: not the page's newest, which a killed process
   * leaves to the next one; not what was last flushed, which outlasts a loss of power; and not what
   * a flush that is under way is about to make last.
   */
  int free(long flushed, long flushing) {
    int lasting = newestUpTo(flushed);
    int soonLasting = newestUpTo(flushing);
    int slot = 0;
    while (slot == newest || slot == lasting || slot == soonLasting) {
      slot++;
    }
    return slot;
  }

  /** Makes a slot the page's newest. Entries that are damaged become empty. */
  void put(int slot, long sequence, int checksum) {
    for (int other = 0; damaged && other < StoreLayout.SLOTS; other++) {
      if (!isWhole(other)) {
        erase(other);
      }
    }
    LONG.set(bytes, slot * ENTRY_BYTES, sequence);
    INT.set(bytes, slot * ENTRY_BYTES + CHECKSUM, checksum);
    INT.set(bytes, slot * ENTRY_BYTES + OWN_CHECKSUM, ownChecksum(slot));
    look();
  }

  /** Makes a slot empty. */
  void erase(int slot) {
    LONG.set(bytes, slot * ENTRY_BYTES, 0L);
    LONG.set(bytes, slot * ENTRY_BYTES + CHECKSUM, 0L);
    look();
  }
}
