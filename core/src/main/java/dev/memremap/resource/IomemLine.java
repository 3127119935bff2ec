// SPDX-License-Identifier: Apache-2.0
package dev.memremap.resource;

import dev.memremap.rule.PlainText;
import org.jspecify.annotations.Nullable;

/**
 * One line of {@code /proc/iomem}, taken apart (PRC-1, PRC-3).
 *
 * <p>Only what {@link #format} would write again byte for byte is read; anything else is refused by
 * an {@link IllegalArgumentException} whose message is a sentence without a place.
 *
 * <p>Thread safety: immutable.
 *
 * @param indent the spaces before the addresses
 * @param start the first address
 * @param end the last address, inclusive; not yet compared with the start
 * @param name what follows the colon; null is written {@code <BAD>}
 */
record IomemLine(int indent, long start, long end, @Nullable String name) {
  /** PRC-2: deeper lines are indented like this one. */
  static final int DEEPEST_LEVEL = 5;

  static final int SPACES_PER_LEVEL = 2;

  /** PRC-1: the digits of an address in a tree that reaches beyond 64 KiB. */
  static final int WIDTH = 8;

  private static final int MOST_DIGITS = 16;
  private static final int EXCERPT = 40;
  private static final String SEPARATOR = " : ";
  private static final String NO_NAME = "<BAD>";

  static IomemLine parse(String text) {
    refuseWhatIsNoResource(text);
    int indent = 0;
    while (indent < text.length() && text.charAt(indent) == ' ') {
      indent++;
    }
    int separator = text.indexOf(SEPARATOR, indent);
    int dash = text.indexOf('-', indent);
    if (separator < 0 || dash < 0 || dash > separator) {
      throw malformed(text);
    }
    long start = address(text, indent, dash);
    long end = address(text, dash + 1, separator);
    String name = text.substring(separator + SEPARATOR.length());
    return new IomemLine(indent, start, end, name.equals(NO_NAME) ? null : name);
  }

  private static void refuseWhatIsNoResource(String text) {
    if (text.isBlank()) {
      throw new IllegalArgumentException(
          "a blank line stands between the resources; delete it, /proc/iomem has none");
    }
    if (text.startsWith("#")) {
      throw new IllegalArgumentException(
          "a comment stands between the resources; only the lines before the first one may begin with #");
    }
    if (text.charAt(0) == '\uFEFF') {
      throw new IllegalArgumentException(
          "the text begins with a byte order mark; save it as UTF-8 without one");
    }
    if (text.endsWith("\r")) {
      throw new IllegalArgumentException(
          "the line ends in CR LF; convert the file to Unix line ends, with dos2unix for one");
    }
    if (hasControl(text)) {
      throw new IllegalArgumentException(
          "the line '%s' holds a control character; it is not text of /proc/iomem"
              .formatted(excerpt(text)));
    }
  }

  /** A loop instead of a stream, since every line of every map comes here. */
  private static boolean hasControl(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isISOControl(text.charAt(i))) {
        return true;
      }
    }
    return false;
  }

  private static long address(String text, int from, int to) {
    int digits = to - from;
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
        throw malformed(text);
      }
    }
    if (digits > MOST_DIGITS) {
      throw new IllegalArgumentException(
          "the address '%s' has more than 16 digits; addresses are 64-bit numbers"
              .formatted(excerpt(text.substring(from, to))));
    }
    if (digits < WIDTH || (digits > WIDTH && text.charAt(from) == '0')) {
      throw new IllegalArgumentException(
          "the address '%s' is not padded to 8 digits as in /proc/iomem; write it with zeros in front up to 8 digits and none beyond"
              .formatted(text.substring(from, to)));
    }
    return Long.parseUnsignedLong(text, from, to, 16);
  }

  private static IllegalArgumentException malformed(String text) {
    return new IllegalArgumentException(
        "the line '%s' is not a resource; write START-END : NAME, the addresses in lower-case hexadecimal, indented by spaces"
            .formatted(excerpt(text)));
  }

  private static String excerpt(String text) {
    return PlainText.beginning(text, EXCERPT);
  }

  boolean isZero() {
    return start == 0 && end == 0;
  }

  /**
   * A resource's line, with its newline.
   *
   * @param level 0 for what lies in the root
   * @param width the least number of digits of an address
   */
  static void format(Resource resource, int level, int width, StringBuilder out) {
    String name = resource.name();
    if (name != null && hasControl(name)) {
      throw new IllegalArgumentException(
          "the name '%s' holds a control character and cannot be written as a line; give the resource another"
              .formatted(excerpt(name)));
    }
    out.repeat(' ', SPACES_PER_LEVEL * Math.min(level, DEEPEST_LEVEL));
    hex(resource.range().start(), width, out);
    out.append('-');
    hex(resource.range().endInclusive(), width, out);
    out.append(SEPARATOR).append(name == null ? NO_NAME : name).append('\n');
  }

  private static void hex(long address, int width, StringBuilder out) {
    String digits = Long.toHexString(address);
    out.repeat('0', Math.max(0, width - digits.length())).append(digits);
  }
}
