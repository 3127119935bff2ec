// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

/** What a reader may answer to anything. */
final class FuzzAnswers {
  private FuzzAnswers() {}

  /** A refusal is a sentence that begins with the file's name. */
  static void requireSentence(IllegalArgumentException refused, String file) {
    String sentence = String.valueOf(refused.getMessage());
    if (!sentence.startsWith(file + ":")) {
      throw new AssertionError("a refusal that does not name the file: " + sentence, refused);
    }
  }
}
