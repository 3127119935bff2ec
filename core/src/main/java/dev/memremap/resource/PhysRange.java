// SPDX-License-Identifier: Apache-2.0
package dev.memremap.resource;

import dev.memremap.internal.binary.PowerOfTwo;
import java.util.Objects;
import java.util.Optional;

/**
 * A range of physical addresses: unsigned 64-bit, never empty, never wrapping.
 *
 * <p>Thread safety: immutable.
 *
 * @param start the first byte's address
 * @param endInclusive the last byte's address, not below {@code start} as unsigned numbers
 */
public record PhysRange(long start, long endInclusive) implements Comparable<PhysRange> {
  /**
   * Makes a range from its first and last byte.
   *
   * @throws IllegalArgumentException if the end lies below the start
   */
  public PhysRange {
    if (Long.compareUnsigned(endInclusive, start) < 0) {
      throw new IllegalArgumentException(
          "the range 0x%x-0x%x ends before it starts; the end is inclusive"
              .formatted(start, endInclusive));
    }
  }

  /**
   * Makes a range from its first byte and its size.
   *
   * @param start the first byte's address
   * @param sizeBytes the number of bytes, at least 1
   * @throws IllegalArgumentException if the size is 0, or the range wraps around 2^64
   */
  public static PhysRange of(long start, long sizeBytes) {
    if (sizeBytes == 0) {
      throw new IllegalArgumentException(
          "a range at 0x%x of size 0 holds nothing; give the number of bytes".formatted(start));
    }
    long end = start + (sizeBytes - 1);
    if (Long.compareUnsigned(end, start) < 0) {
      throw new IllegalArgumentException(
          "the range 0x%x+0x%x wraps around the end of the 64-bit address space; 0x%x bytes are left there"
              .formatted(start, sizeBytes, -start));
    }
    return new PhysRange(start, end);
  }

  /**
   * Makes a range of whole pages.
   *
   * @param firstPfn the first page's frame number; with pages of 4096 bytes below 2^52
   * @param lastPfn the last page's frame number, inclusive
   * @param pageBytes the machine's page size, a power of two
   * @throws IllegalArgumentException if a frame number is too large, the last is below the first,
   *     or the page size is not a power of two
   */
  public static PhysRange ofPfns(long firstPfn, long lastPfn, long pageBytes) {
    int shift = pageShift(pageBytes);
    int bits = Long.SIZE - shift;
    if (shift != 0 && (firstPfn >>> bits != 0 || lastPfn >>> bits != 0)) {
      throw new IllegalArgumentException(
          "a page frame number lies below 2^%d, and 0x%x does not"
              .formatted(bits, firstPfn >>> bits != 0 ? firstPfn : lastPfn));
    }
    return new PhysRange(firstPfn << shift, (lastPfn << shift) + (pageBytes - 1));
  }

  private static int pageShift(long pageBytes) {
    return PowerOfTwo.log2("a page size", pageBytes);
  }

  /**
   * Reads {@code START+SIZE} or, as {@link #toString()} and {@code /proc/iomem} write it, {@code
   * START-END} with the last byte's address: {@code 0x40000000+4K}, {@code 0x40000000-0x40000fff}
   * and {@code 40000000-40000fff} are the same range.
   *
   * <p>START is an address as {@link #parseAddress} reads it, SIZE a number as {@link
   * Memparse#parseAnyCase} does. Both ends of {@code START-END} are hexadecimal, with or without
   * 0x.
   *
   * @throws IllegalArgumentException if the text is neither; the message is a sentence
   */
  public static PhysRange parse(String text) {
    int plus = Objects.requireNonNull(text, "text").indexOf('+');
    if (plus >= 0) {
      return of(
          PhysAddress.parse(text.substring(0, plus)),
          Memparse.parseAnyCase(text.substring(plus + 1)));
    }
    int minus = text.indexOf('-');
    if (minus >= 0) {
      return new PhysRange(
          PhysAddress.parseHex(text.substring(0, minus)),
          PhysAddress.parseHex(text.substring(minus + 1)));
    }
    throw new IllegalArgumentException(
        "'%s' is not a range; write START+SIZE, such as 0x40000000+4K, or START-END, such as 0x40000000-0x40000fff"
            .formatted(text));
  }

  /**
   * Reads an address: {@code 0x40000000}, {@code 1G}, or {@code 0}. Digits alone, decimal or
   * hexadecimal, are refused, since {@code /proc/iomem} writes hexadecimal without 0x.
   *
   * @throws IllegalArgumentException if the text is not an address; for digits alone, the message
   *     names the addresses that they could mean
   */
  public static long parseAddress(String text) {
    return PhysAddress.parse(Objects.requireNonNull(text, "text"));
  }

  /** Returns the number of bytes; 0 stands for 2^64, the whole address space. */
  public long sizeBytes() {
    return endInclusive - start + 1;
  }

  /**
   * Returns the frame number of the page that holds the first byte.
   *
   * @param pageBytes the machine's page size, a power of two
   * @throws IllegalArgumentException if the page size is not a power of two
   */
  public long firstPfn(long pageBytes) {
    return start >>> pageShift(pageBytes);
  }

  /**
   * Returns the frame number of the page that holds the last byte.
   *
   * @param pageBytes the machine's page size, a power of two
   * @throws IllegalArgumentException if the page size is not a power of two
   */
  public long lastPfn(long pageBytes) {
    return endInclusive >>> pageShift(pageBytes);
  }

  /** Returns whether this address lies in the range. */
  public boolean contains(long address) {
    return Long.compareUnsigned(start, address) <= 0
        && Long.compareUnsigned(address, endInclusive) <= 0;
  }

  /** Returns whether every byte of another range lies in this one. */
  public boolean contains(PhysRange other) {
    return contains(Objects.requireNonNull(other, "other").start) && contains(other.endInclusive);
  }

  /** Returns whether the two ranges share a byte. */
  public boolean overlaps(PhysRange other) {
    return Long.compareUnsigned(start, Objects.requireNonNull(other, "other").endInclusive) <= 0
        && Long.compareUnsigned(other.start, endInclusive) <= 0;
  }

  /** Returns the bytes that lie in both ranges; empty if they share none. */
  public Optional<PhysRange> intersection(PhysRange other) {
    if (!overlaps(other)) {
      return Optional.empty();
    }
    long from = Long.compareUnsigned(start, other.start) >= 0 ? start : other.start;
    long to =
        Long.compareUnsigned(endInclusive, other.endInclusive) <= 0
            ? endInclusive
            : other.endInclusive;
    return Optional.of(new PhysRange(from, to));
  }

  /**
   * Returns the smallest range of whole blocks that holds this one.
   *
   * @param alignment the size of a block in bytes, a power of two
   * @throws IllegalArgumentException if the alignment is not a power of two
   */
  public PhysRange roundOutTo(long alignment) {
    int shift = PowerOfTwo.log2("an alignment", alignment);
    return new PhysRange(start >>> shift << shift, endInclusive | (alignment - 1));
  }

  /** Compares by start, then by end, as unsigned numbers. */
  @Override
  public int compareTo(PhysRange other) {
    int byStart = Long.compareUnsigned(start, Objects.requireNonNull(other, "other").start);
    return byStart != 0 ? byStart : Long.compareUnsigned(endInclusive, other.endInclusive);
  }

  /** Returns text such as {@code 0x40000000-0x40000fff}. */
  @Override
  public String toString() {
    return "0x" + Long.toHexString(start) + "-0x" + Long.toHexString(endInclusive);
  }
}
