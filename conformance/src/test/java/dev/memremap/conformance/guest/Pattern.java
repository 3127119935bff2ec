// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance.guest;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/**
 * Bytes that the guest and its host know without telling each other.
 *
 * <p>The constants say which side stored them where; an offset is one in the BAR, and in its
 * backing file.
 */
public enum Pattern {
  /** Stored in the BAR through a UC- mapping. */
  UNCACHED(0),
  /** Stored in the BAR through a WC mapping. */
  COMBINED(1 << 20),
  /** Stored in the BAR's backing file by the host, before the guest was there. */
  OF_HOST(2 << 20),
  /** Stored in the BAR through its UIO map. */
  UIO(3 << 20),
  /** Stored in a page of a page map over the BAR. */
  PAGE_OF_BAR(4 << 20),
  /** Stored in the BAR by single accesses as to registers. */
  REGISTERS(8 << 20),
  /** Stored in the device DAX. */
  DAX_DEVICE,
  /** Stored in pages of a page map over the device DAX. */
  DAX_PAGE,
  /** Stored and persisted in the device DAX right before the guest is killed. */
  DAX_DEVICE_KILLED,
  /** Stored in a DAX file. */
  DAX_FILE,
  /** Stored and persisted in a DAX file right before the guest is killed. */
  DAX_FILE_KILLED,
  /** Stored in memory of a process. */
  MEMFD,
  /** Stored in huge pages. */
  HUGE,
  /** Stored in legacy persistent memory. */
  LEGACY;

  /** How many bytes each has: one page. */
  public static final int LENGTH = 4096;

  /** How a line begins that tells a pattern's name, and where in its NVDIMM it must be. */
  public static final String PLACE = "  placed ";

  private final int barOffset;

  Pattern() {
    this(-1);
  }

  Pattern(int barOffset) {
    this.barOffset = barOffset;
  }

  /** Where in the BAR it is. */
  public int barOffset() {
    if (barOffset < 0) {
      throw new IllegalStateException(this + " is in no BAR");
    }
    return barOffset;
  }

  /** The bytes. */
  public byte[] bytes() {
    byte[] bytes = new byte[LENGTH];
    new SplittableRandom(ordinal() + 1).nextBytes(bytes);
    return bytes;
  }

  void storeIn(MemorySegment segment, long offset) {
    MemorySegment.copy(bytes(), 0, segment, ValueLayout.JAVA_BYTE, offset, LENGTH);
  }

  void requireIn(MemorySegment segment, long offset, String where) {
    byte[] found = segment.asSlice(offset, LENGTH).toArray(ValueLayout.JAVA_BYTE);
    Expect.sameBytes(bytes(), found, this + " in " + where);
  }
}
