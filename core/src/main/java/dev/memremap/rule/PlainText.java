// SPDX-License-Identifier: Apache-2.0
package dev.memremap.rule;

import java.util.Objects;

/**
 * Makes words from outside, such as a name or a line of a file, safe to show in a sentence: without
 * characters that command a terminal or end the line.
 *
 * <p>Thread safety: stateless.
 */
public final class PlainText {
  private static final char HIDDEN = '?';

  private PlainText() {}

  /** Returns a text of the same length, with '?' for characters that would command a terminal. */
  public static String of(String text) {
    return beginning(text, Integer.MAX_VALUE);
  }

  /**
   * Returns the beginning of a text, as {@link #of} shows it, with '…' if it was cut.
   *
   * @param most the most characters to show
   */
  public static String beginning(String text, int most) {
    Objects.requireNonNull(text, "text");
    StringBuilder shown = new StringBuilder();
    int at = 0;
    for (int count = 0; at < text.length() && count < most; count++) {
      int point = text.codePointAt(at);
      shown.appendCodePoint(isCommand(point) ? HIDDEN : point);
      at += Character.charCount(point);
    }
    return at < text.length() ? shown.append('…').toString() : shown.toString();
  }

  /**
   * Returns whether a character commands a terminal, ends a line, or changes how others are shown:
   * a control or format character, a separator of lines, or half of a character.
   */
  public static boolean isCommand(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          true;
      default -> false;
    };
  }
}
