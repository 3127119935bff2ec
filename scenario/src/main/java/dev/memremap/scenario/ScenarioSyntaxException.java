// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import dev.memremap.rule.PlainText;

/**
 * A scenario that cannot be run: nothing of it was executed.
 *
 * <p>Its message is {@code FILE:LINE:COLUMN: what is wrong}, one line.
 *
 * <p>Thread safety: immutable but for what {@link Throwable} lets anyone change.
 */
public final class ScenarioSyntaxException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String file;
  private final int line;
  private final int column;
  private final String sentence;

  /**
   * What is wrong and where.
   *
   * @param file the scenario's name as the user gave it
   * @param line 1 for the first
   * @param column 1 for the first character of the line; a tab counts as one
   * @param sentence what is wrong and what to do, without a final full stop
   */
  public ScenarioSyntaxException(String file, int line, int column, String sentence) {
    super("%s:%d:%d: %s".formatted(PlainText.of(file), line, column, sentence));
    this.file = file;
    this.line = line;
    this.column = column;
    this.sentence = sentence;
  }

  /** The scenario's name as the user gave it. */
  public String file() {
    return file;
  }

  /** The line, 1 for the first. */
  public int line() {
    return line;
  }

  /** The column, 1 for the first character; a tab counts as one. */
  public int column() {
    return column;
  }

  /** What is wrong, without the place. */
  public String sentence() {
    return sentence;
  }
}
