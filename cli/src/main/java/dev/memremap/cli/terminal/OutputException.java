// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.terminal;

import dev.memremap.spi.IoReason;
import java.io.IOException;

/** A file that could not be written; {@link OutputFile} says how it is then. */
public final class OutputException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * A failure to write.
   *
   * @param file the file's name
   */
  public OutputException(String file, IOException cause) {
    super(file + " cannot be written (" + IoReason.of(cause) + ")", cause);
  }
}
