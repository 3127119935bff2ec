// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.terminal;

import dev.memremap.drawing.model.TextWidth;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/** Which letters a command prints: those of UTF-8, or ASCII alone where the locale is C. */
public enum Letters {
  /** All there are. */
  UTF_8(StandardCharsets.UTF_8, "…"),
  /**
   * ASCII alone. Letters that our own sentences use, such as '…', are spelled out; any other
   * becomes '?'.
   */
  ASCII(StandardCharsets.US_ASCII, "~");

  private final Charset charset;
  private final String cut;

  Letters(Charset charset, String cut) {
    this.charset = charset;
    this.cut = cut;
  }

  Charset charset() {
    return charset;
  }

  /** One letter that ends what was cut. */
  public String cut() {
    return cut;
  }

  /**
   * How many columns of a terminal a text takes in these letters: two for a letter of Chinese,
   * Japanese or Korean and for an emoji, none for one that combines with the letter before it.
   */
  public int columns(String text) {
    return TextWidth.columns(of(text));
  }

  /** A text with spaces behind it, so that it takes at least so many columns. */
  public String padded(String text, int columns) {
    return text + " ".repeat(Math.max(0, columns - columns(text)));
  }

  /** A text that takes at most so many columns: its end is cut, and a letter says so. */
  public String cut(String text, int columns) {
    if (columns(text) <= columns) {
      return text;
    }
    int end = text.length();
    while (end > 0 && columns(text.substring(0, end) + cut) > columns) {
      end = text.offsetByCodePoints(end, -1);
    }
    return text.substring(0, end).stripTrailing() + cut;
  }

  /** A text in these letters. JSON, which has lines and begins with a bracket, means the same. */
  public String of(String text) {
    if (this == UTF_8 || text.chars().allMatch(letter -> letter < 0x80)) {
      return text;
    }
    boolean isJson = text.indexOf('\n') > 0 && (text.charAt(0) == '{' || text.charAt(0) == '[');
    StringBuilder spelled = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char letter = text.charAt(i);
      if (letter < 0x80) {
        spelled.append(letter);
      } else if (isJson) {
        spelled.append("\\u%04x".formatted((int) letter));
      } else {
        spelled.append(spelled(letter));
      }
    }
    return spelled.toString();
  }

  private static String spelled(char letter) {
    return switch (letter) {
      case '…' -> "...";
      case '—', '–' -> "-";
      case 'µ' -> "u";
      case '×' -> "x";
      case '≤' -> "<=";
      case '≥' -> ">=";
      default -> "?";
    };
  }
}
