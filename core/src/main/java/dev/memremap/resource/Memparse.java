// SPDX-License-Identifier: Apache-2.0
package dev.memremap.resource;

import java.util.Objects;

/**
 * Reads and writes numbers as the kernel's {@code memparse} does: decimal or {@code 0x…}, with an
 * optional binary suffix K, M, G or T.
 *
 * <p>Thread safety: stateless.
 */
public final class Memparse {
  private static final String SUFFIXES = "KMGT";

  private Memparse() {}

  /**
   * Reads an unsigned 64-bit number.
   *
   * @throws NumberFormatException if the text is not a number, or does not fit into 64 bits; the
   *     message is a sentence
   */
  public static long parse(String text) {
    return parse(text, SUFFIXES.indexOf(last(text)));
  }

  /**
   * Reads an unsigned 64-bit number whose suffix may also be {@code k}, {@code m}, {@code g} or
   * {@code t}.
   *
   * @throws NumberFormatException as {@link #parse}
   */
  public static long parseAnyCase(String text) {
    return parse(text, SUFFIXES.indexOf(Character.toUpperCase(last(text))));
  }

  private static char last(String text) {
    Objects.requireNonNull(text, "text");
    return text.isEmpty() ? ' ' : text.charAt(text.length() - 1);
  }

  private static long parse(String text, int suffix) {
    String digits = suffix < 0 ? text : text.substring(0, text.length() - 1);
    int radix = digits.startsWith("0x") ? 16 : 10;
    String body = radix == 16 ? digits.substring(2) : digits;
    if (body.isEmpty() || !body.chars().allMatch(c -> c < 128 && Character.digit(c, radix) >= 0)) {
      throw new NumberFormatException(
          "'%s' is not a number; write decimal or 0x… hexadecimal, with K, M, G or T behind it if wanted"
              .formatted(text));
    }
    int shift = (suffix + 1) * 10;
    long number;
    try {
      number = Long.parseUnsignedLong(body, radix);
    } catch (NumberFormatException e) {
      throw tooLarge(text);
    }
    if (shift > 0 && number >>> (Long.SIZE - shift) != 0) {
      throw tooLarge(text);
    }
    return number << shift;
  }

  private static NumberFormatException tooLarge(String text) {
    return new NumberFormatException(
        "'%s' does not fit into 64 bits; the largest number is 0xffffffffffffffff".formatted(text));
  }

  /**
   * Returns the number with the largest suffix that is exact and needs at most four digits; else as
   * 0x….
   */
  public static String format(long number) {
    for (int suffix = SUFFIXES.length() - 1; suffix >= 0; suffix--) {
      int shift = (suffix + 1) * 10;
      long whole = number >>> shift;
      if (whole != 0 && whole < 10_000 && whole << shift == number) {
        return whole + SUFFIXES.substring(suffix, suffix + 1);
      }
    }
    return number >= 0 && number < 1024 ? Long.toString(number) : "0x" + Long.toHexString(number);
  }
}
