// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import dev.memremap.spi.IoReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;

/** The sentence about a file that cannot be read. */
final class UnreadableFile {
  private UnreadableFile() {}

  /** An exception whose message is a sentence about the file of this name. */
  static UncheckedIOException of(String name, IOException cause) {
    return new UncheckedIOException(name + ": " + sentence(cause), cause);
  }

  /** The sentence without the file's name. */
  static String sentence(IOException cause) {
    return cause instanceof NoSuchFileException
        ? "no such file"
        : "cannot be read (" + reason(cause) + ")";
  }

  /** The reason in a few words; a reader of packed data often gives none. */
  static String reason(IOException cause) {
    return IoReason.of(cause, "its packed data is damaged");
  }
}
