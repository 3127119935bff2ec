// SPDX-License-Identifier: Apache-2.0
package dev.memremap.serve;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Objects;

/**
 * What a reader has to know to be let in. Comparing takes the same time however much of it is
 * right.
 */
public final class Token {
  private static final int LEAST = 16;

  /** More would not fit into the address of a page. */
  private static final int MOST = 256;

  private static final int BYTES = 18;

  private final byte[] letters;
  private final String text;

  private Token(String text) {
    this.text = text;
    this.letters = text.getBytes(StandardCharsets.US_ASCII);
  }

  /** Makes one at random. */
  public static Token random() {
    byte[] bytes = new byte[BYTES];
    new SecureRandom().nextBytes(bytes);
    return new Token(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
  }

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException if it has fewer than 16 letters, more than 256, or others than
   *     A to Z, a to z, 0 to 9, - and _; the message is a sentence
   */
  public static Token parse(String text) {
    String word = Objects.requireNonNull(text, "text").strip();
    if (word.length() < LEAST || word.length() > MOST || !word.matches("[A-Za-z0-9_-]+")) {
      throw new IllegalArgumentException(
          "a token has %d to %d letters and digits; 'openssl rand -hex 16' makes one"
              .formatted(LEAST, MOST));
    }
    return new Token(word);
  }

  /** Returns whether a word is the token. */
  public boolean is(String word) {
    return MessageDigest.isEqual(letters, word.getBytes(StandardCharsets.UTF_8));
  }

  /** Returns its letters. */
  String text() {
    return text;
  }

  @Override
  public String toString() {
    return "a token";
  }
}
