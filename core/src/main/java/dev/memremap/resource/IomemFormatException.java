// SPDX-License-Identifier: Apache-2.0
package dev.memremap.resource;

import java.util.Objects;

/**
 * Thrown for a text that is not a {@code /proc/iomem}. The message says where, what is wrong and
 * what to do: {@code SOURCE:LINE: sentence}.
 *
 * <p>Thread safety: immutable, except for what {@link Throwable} itself allows.
 */
public final class IomemFormatException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final int line;

  /**
   * Makes a refusal.
   *
   * @param source the name of what was read, such as a file's
   * @param line the line's number in it, from 1
   * @param sentence what is wrong and what to do, without a final full stop
   */
  public IomemFormatException(String source, int line, String sentence) {
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(sentence, "sentence");
    super(source + ":" + line + ": " + sentence);
    this.line = line;
  }

  /** Returns the line's number in the source, from 1. */
  public int line() {
    return line;
  }
}
