// SPDX-License-Identifier: Apache-2.0
package dev.memremap.resource;

/**
 * Reads physical addresses, which Linux's lists write in hexadecimal. Some write {@code 0x} and
 * {@code /proc/iomem} does not, so digits alone could mean two addresses and are refused.
 *
 * <p>Thread safety: no state.
 */
final class PhysAddress {
  private static final String HEX = "0x";

  private PhysAddress() {}

  /**
   * Reads an address: {@code 0x40000000}, {@code 1G}, or {@code 0}.
   *
   * @throws NumberFormatException if the text is not an address, is digits alone, or does not fit
   *     into 64 bits; the message is a sentence
   */
  static long parse(String text) {
    if (isOf(text, 10) && !isZero(text)) {
      throw new NumberFormatException(ambiguous(text));
    }
    if (isOf(text, 16) && !isZero(text)) {
      throw new NumberFormatException("%s: did you mean 0x%s?".formatted(text, text));
    }
    return Memparse.parseAnyCase(text);
  }

  /**
   * Reads an address where only hexadecimal can be meant, with {@code 0x} or without it: an end of
   * a range as {@code /proc/iomem} writes it.
   *
   * @throws NumberFormatException if the text is not a hexadecimal number, or does not fit into 64
   *     bits; the message is a sentence
   */
  static long parseHex(String text) {
    String digits = text.startsWith(HEX) ? text.substring(HEX.length()) : text;
    if (!isOf(digits, 16)) {
      throw new NumberFormatException(
          "'%s' is not a hexadecimal address; write 0x40000000 or 40000000".formatted(text));
    }
    return Memparse.parse(HEX + digits);
  }

  private static String ambiguous(String digits) {
    try {
      return "%s: did you mean 0x%s or %s (0x%x)?"
          .formatted(digits, digits, digits, Memparse.parse(digits));
    } catch (NumberFormatException tooLargeAsDecimal) {
      return "%s: did you mean 0x%s?".formatted(digits, digits);
    }
  }

  private static boolean isZero(String digits) {
    return digits.chars().allMatch(c -> c == '0');
  }

  private static boolean isOf(String text, int radix) {
    return !text.isEmpty() && text.chars().allMatch(c -> c < 128 && Character.digit(c, radix) >= 0);
  }
}
