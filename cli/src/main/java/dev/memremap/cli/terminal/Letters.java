// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.terminal;

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
