// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

/** The beginning of a line, fit for a sentence. */
final class Excerpt {
  private static final int LENGTH = 60;

  private Excerpt() {}

  static String of(String text) {
    StringBuilder shown = new StringBuilder();
    text.codePoints()
        .limit(LENGTH)
        .map(c -> Character.isISOControl(c) ? '?' : c)
        .forEach(shown::appendCodePoint);
    return text.length() > shown.length() ? shown.append('…').toString() : shown.toString();
  }
}
