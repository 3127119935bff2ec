// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.binary;

/** The one check that a size is a power of two. */
public final class PowerOfTwo {
  private PowerOfTwo() {}

  /**
   * Log2 of a size.
   *
   * @param what what the size is of, for the sentence: {@code a page size}
   * @param size the size, unsigned
   * @throws IllegalArgumentException if it is not a power of two
   */
  public static int log2(String what, long size) {
    if (Long.bitCount(size) != 1) {
      throw new IllegalArgumentException(
          "%s must be a power of two, and 0x%x is not".formatted(what, size));
    }
    return Long.numberOfTrailingZeros(size);
  }
}
