// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import dev.memremap.rule.PlainText;

/** Text from a file, fit for a sentence: short, and without what would command a terminal. */
final class Excerpt {
  private static final int LENGTH = 60;
  private static final int NAME = 500;

  private Excerpt() {}

  /** The beginning of a line. */
  static String of(String text) {
    return PlainText.beginning(text, LENGTH);
  }

  /** The name of a file, or the beginning of one that is longer than usual paths. */
  static String name(String name) {
    return PlainText.beginning(name, NAME);
  }
}
