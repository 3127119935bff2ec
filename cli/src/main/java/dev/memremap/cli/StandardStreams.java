// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Raw bytes of files, where {@code -} is standard input or standard output. */
final class StandardStreams {
  private static final String DASH = "-";

  private StandardStreams() {}

  /**
   * All bytes of a file or of standard input.
   *
   * @throws UncheckedIOException if it cannot be read; the message is a sentence
   */
  static byte[] read(Path file) {
    try {
      return isDash(file) ? System.in.readAllBytes() : Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read (" + e.getMessage() + ")", e);
    }
  }

  /**
   * Writes a file, or to standard output.
   *
   * @throws UncheckedIOException if it cannot be written; the message is a sentence
   */
  static void write(Path file, byte[] bytes) {
    try {
      if (isDash(file)) {
        System.out.write(bytes);
        System.out.flush();
      } else {
        Files.write(file, bytes);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written (" + e.getMessage() + ")", e);
    }
  }

  /**
   * Passes if standard input is one of the files at most: it can be read once.
   *
   * @throws IllegalArgumentException if two of them are
   */
  static void requireOneInput(List<Path> files) {
    if (files.stream().filter(StandardStreams::isDash).count() > 1) {
      throw new IllegalArgumentException(
          "'-' is given twice, and standard input can be read once; put one of the two into a file");
    }
  }

  static boolean isDash(Path file) {
    return file.toString().equals(DASH);
  }
}
