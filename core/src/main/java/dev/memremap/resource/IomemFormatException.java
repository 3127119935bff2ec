// SPDX-License-Identifier: Apache-2.0
package dev.memremap.resource;

import java.util.Objects;

/**
 * A text that is no {@code /proc/iomem}: what is wrong, in which line, and what to do about it, as
 * {@code SOURCE:LINE: sentence}.
 *
 * <p>Thread safety: immutable but for what {@link Throwable} lets anyone change.
 */
public final class IomemFormatException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final int line;

  /**
   * A refusal.
   *
   * @param source what was read, a file's name for one
   * @param line the line's number in it, from 1
   * @param sentence what is wrong and what to do, without a final full stop
   */
  public IomemFormatException(String source, int line, String sentence) {
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(sentence, "sentence");
    super(source + ":" + line + ": " + sentence);
    this.line = line;
  }

  /** The line's number in the source, from 1. */
  public int line() {
    return line;
  }
}
