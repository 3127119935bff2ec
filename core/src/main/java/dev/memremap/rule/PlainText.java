// SPDX-License-Identifier: Apache-2.0
package dev.memremap.rule;

import java.util.Objects;

/**
 * Words that others wrote, such as a line of a file or a name, fit for a sentence of ours: without
 * what would command a terminal or end the line.
 *
 * <p>Thread safety: no state.
 */
public final class PlainText {
  private static final char HIDDEN = '?';

  private PlainText() {}

  /** A text of the same length in which what would command a terminal is '?'. */
  public static String of(String text) {
    return beginning(text, Integer.MAX_VALUE);
  }

  /**
   * The beginning of a text, as {@link #of} shows it, and '…' if that is not all.
   *
   * @param most how many characters are shown at most
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
   * Whether a character commands a terminal, ends a line, or changes how others are shown: it is a
   * control or format character, a separator of lines, or half of a character.
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
