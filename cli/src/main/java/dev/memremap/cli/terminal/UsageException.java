// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.terminal;

/**
 * Words of a command line that mean nothing, or nothing together. What the user reads is the
 * message and where the command's help is.
 */
public final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Words that cannot be used.
   *
   * @param sentence what is wrong and what to write instead, without a final full stop
   */
  public UsageException(String sentence) {
    super(sentence);
  }

  /** Words that cannot be used, as another failure found. */
  public UsageException(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
