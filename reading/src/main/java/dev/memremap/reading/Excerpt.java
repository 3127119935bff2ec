// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

/** Text from a file, fit for a sentence: short, and without what would command a terminal. */
final class Excerpt {
  private static final int LENGTH = 60;
  private static final int NAME = 500;

  private Excerpt() {}

  /** The beginning of a line. */
  static String of(String text) {
    return beginning(text, LENGTH);
  }

  /** The name of a file, or the beginning of one that is longer than any path that people use. */
  static String name(String name) {
    return beginning(name, NAME);
  }

  private static String beginning(String text, int length) {
    StringBuilder shown = new StringBuilder();
    text.codePoints().limit(length).map(Excerpt::shown).forEach(shown::appendCodePoint);
    return text.length() > shown.length() ? shown.append('…').toString() : shown.toString();
  }

  /** A whole text, as {@link #of} shows one. */
  static String plain(String text) {
    StringBuilder shown = new StringBuilder();
    text.codePoints().map(Excerpt::shown).forEach(shown::appendCodePoint);
    return shown.toString();
  }

  private static int shown(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          '?';
      default -> c;
    };
  }
}
