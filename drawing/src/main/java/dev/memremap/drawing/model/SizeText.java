// SPDX-License-Identifier: Apache-2.0
package dev.memremap.drawing.model;

import dev.memremap.resource.PhysRange;
import java.math.BigInteger;

/** Writes sizes for people. */
public final class SizeText {
  private static final String[] UNITS = {"B", "K", "M", "G", "T", "P", "E"};
  private static final int UNIT_BITS = 10;
  private static final BigInteger TENTHS_OF_NEXT_UNIT = BigInteger.valueOf(10_240);
  private static final BigInteger FIVE_DIGITS = BigInteger.valueOf(10_000);
  private static final BigInteger ALL_ADDRESSES = BigInteger.TWO.pow(Long.SIZE);

  private SizeText() {}

  /**
   * Returns a size for people: exact, such as {@code 2028M}, with at most four digits; or, with one
   * decimal, rounded, such as {@code 1.7G}. 0 stands for 2^64.
   */
  public static String of(long bytes) {
    return of(bytes == 0 ? ALL_ADDRESSES : new BigInteger(Long.toUnsignedString(bytes)));
  }

  /** Returns the size of a range for people. */
  public static String of(PhysRange range) {
    return of(range.sizeBytes());
  }

  /** Returns a sum of sizes for people, as {@link #of(long)} writes one; 0 stands for 0. */
  public static String of(BigInteger bytes) {
    int unit = Math.min(Math.max(bytes.bitLength() - 1, 0) / UNIT_BITS, UNITS.length - 1);
    BigInteger tenths = bytes.multiply(BigInteger.TEN);
    if (isWhole(bytes, unit)) {
      return in(bytes, unit);
    }
    if (isWhole(tenths, unit)) {
      return withTenth(tenths, unit);
    }
    BigInteger smaller = bytes.shiftRight((unit - 1) * UNIT_BITS);
    if (isWhole(bytes, unit - 1) && smaller.compareTo(FIVE_DIGITS) < 0) {
      return in(bytes, unit - 1);
    }
    BigInteger rounded = tenths.add(BigInteger.ONE.shiftLeft(unit * UNIT_BITS - 1));
    boolean isNextUnit = rounded.shiftRight(unit * UNIT_BITS).compareTo(TENTHS_OF_NEXT_UNIT) >= 0;
    return isNextUnit && unit < UNITS.length - 1
        ? "1.0" + UNITS[unit + 1]
        : withTenth(rounded, unit);
  }

  private static boolean isWhole(BigInteger number, int unit) {
    return number.signum() == 0 || number.getLowestSetBit() >= unit * UNIT_BITS;
  }

  private static String in(BigInteger bytes, int unit) {
    return bytes.shiftRight(unit * UNIT_BITS) + UNITS[unit];
  }

  private static String withTenth(BigInteger tenths, int unit) {
    BigInteger[] parts = tenths.shiftRight(unit * UNIT_BITS).divideAndRemainder(BigInteger.TEN);
    return parts[0] + "." + parts[1] + UNITS[unit];
  }
}
