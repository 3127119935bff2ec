// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import dev.memremap.rule.PlainText;
import java.util.ArrayList;
import java.util.List;

/**
 * One word of a scenario's line, or a piece of one, and where it stands.
 *
 * @param text the word itself
 * @param column of its first character, in code points from 1
 */
record Word(String text, int column) {

  /** The part of this word that starts at a character index. */
  Word from(int index) {
    return new Word(text.substring(index), column + text.codePointCount(0, index));
  }

  /** The part of this word between two character indices. */
  Word between(int start, int end) {
    return new Word(text.substring(start, end), column + text.codePointCount(0, start));
  }

  /** The pieces between separators, empty ones included. */
  List<Word> split(char separator) {
    List<Word> pieces = new ArrayList<>();
    int start = 0;
    for (int at = text.indexOf(separator); at >= 0; at = text.indexOf(separator, start)) {
      pieces.add(between(start, at));
      start = at + 1;
    }
    pieces.add(from(start));
    return pieces;
  }

  /**
   * The word between quotes, made fit for a terminal: one line, printable, at most 40 characters.
   */
  String quoted() {
    return quoted(text);
  }

  static String quoted(String text) {
    StringBuilder shown = new StringBuilder("'");
    int[] points = text.codePoints().limit(41).toArray();
    for (int i = 0; i < Math.min(points.length, 40); i++) {
      if (isPrintable(points[i])) {
        shown.appendCodePoint(points[i]);
      } else {
        shown.append("\\u%04x".formatted(points[i]));
      }
    }
    return shown.append(points.length > 40 ? "…'" : "'").toString();
  }

  static boolean isPrintable(int point) {
    return switch (Character.getType(point)) {
      case Character.PRIVATE_USE, Character.UNASSIGNED, Character.SPACE_SEPARATOR -> point == ' ';
      default -> !PlainText.isCommand(point);
    };
  }
}
