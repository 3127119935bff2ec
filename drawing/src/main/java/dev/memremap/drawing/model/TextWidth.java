// SPDX-License-Identifier: Apache-2.0
package dev.memremap.drawing.model;

/** Tells how many columns letters take where all are equally wide: in a terminal, in a picture. */
public final class TextWidth {
  private static final int LAST_FULL_WIDTH = 0xff60;
  private static final int FIRST_CJK_PUNCTUATION = 0x3000;
  private static final int LAST_CJK_PUNCTUATION = 0x303e;
  private static final int FIRST_OF_OTHER_WIDTH = 0x300;

  private TextWidth() {}

  /**
   * Returns how many columns a text takes: two for a letter of Chinese, Japanese or Korean and for
   * an emoji, none for one that combines with the letter before it.
   */
  public static int columns(String text) {
    int columns = 0;
    for (int at = 0; at < text.length(); ) {
      int point = text.codePointAt(at);
      columns += columns(point);
      at += Character.charCount(point);
    }
    return columns;
  }

  private static int columns(int point) {
    if (point < FIRST_OF_OTHER_WIDTH) {
      return 1;
    }
    return switch (Character.getType(point)) {
      case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK -> 0;
      default -> isWide(point) ? 2 : 1;
    };
  }

  private static boolean isWide(int point) {
    if (Character.UnicodeBlock.HALFWIDTH_AND_FULLWIDTH_FORMS.equals(
        Character.UnicodeBlock.of(point))) {
      return point <= LAST_FULL_WIDTH;
    }
    if (point >= FIRST_CJK_PUNCTUATION && point <= LAST_CJK_PUNCTUATION) {
      return true;
    }
    return switch (Character.UnicodeScript.of(point)) {
      case HAN, HIRAGANA, KATAKANA, HANGUL, BOPOMOFO, YI -> true;
      default -> Character.isEmojiPresentation(point);
    };
  }
}
