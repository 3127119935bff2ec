// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.store;

/**
 * What lies where in a store's file. All numbers in it are little-endian.
 *
 * <pre>
 *         0  header, copy 0     {@link StoreHeader}, written in turn with copy 1
 *      4096  header, copy 1
 *      8192  table              64 bytes a page, {@link PageRecord}: an entry of 16 for each slot
 *            area A             one slot a page: pages × bytes of a page
 *            area B             its second slot
 *            area C             its third
 *            area D             its fourth
 * </pre>
 *
 * <p>The areas begin at multiples of 2 MiB, or, if an area is smaller, of its own size rounded up
 * to a power of two. The file is sparse: a slot takes room once it is written.
 *
 * @param geometry how many pages there are, and how large they are
 */
record StoreLayout(StoreGeometry geometry) {
  /** A page has a slot that is never overwritten for each of three reasons, and one that is. */
  static final int SLOTS = 4;

  static final int HEADER_COPIES = 2;
  static final int HEADER_BYTES = 4096;
  static final int RECORD_BYTES = SLOTS * PageRecord.ENTRY_BYTES;
  private static final long TABLE = (long) HEADER_COPIES * HEADER_BYTES;
  private static final long LARGEST_ALIGNMENT = 2L << 20;

  /** Where the header of this generation lies. */
  static long headerAt(long generation) {
    return Math.floorMod(generation, (long) HEADER_COPIES) * HEADER_BYTES;
  }

  long pages() {
    return geometry.pages();
  }

  int pageBytes() {
    return geometry.pageBytes();
  }

  long tableAt() {
    return TABLE;
  }

  long tableEnd() {
    return recordAt(pages());
  }

  /** Where the record of a page lies in the table. */
  long recordAt(long page) {
    return TABLE + page * RECORD_BYTES;
  }

  /** Where a slot of a page lies. */
  long pageAt(int slot, long page) {
    return areaAt(slot) + page * pageBytes();
  }

  /** How many bytes the file has. */
  long bytes() {
    return areaAt(SLOTS - 1) + pages() * pageBytes();
  }

  private long areaAt(int slot) {
    long bytes = pages() * pageBytes();
    long alignment = Math.min(LARGEST_ALIGNMENT, roundedUpToPowerOfTwo(bytes));
    return alignedUp(tableEnd(), alignment) + slot * alignedUp(bytes, alignment);
  }

  private static long roundedUpToPowerOfTwo(long bytes) {
    return Long.highestOneBit(bytes - 1) << 1;
  }

  private static long alignedUp(long offset, long alignment) {
    return (offset + alignment - 1) & -alignment;
  }
}
