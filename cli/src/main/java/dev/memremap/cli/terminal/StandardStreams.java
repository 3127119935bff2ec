// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.terminal;

import dev.memremap.spi.IoReason;
import dev.memremap.spi.StandardInput;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Raw bytes of files, where {@code -} is standard input or standard output, and {@code /dev/stdout}
 * is standard output, too.
 */
public final class StandardStreams {
  private static final String DASH = "-";

  private StandardStreams() {}

  /**
   * All bytes of a file or of standard input.
   *
   * @throws UncheckedIOException if it cannot be read; the message is a sentence
   */
  public static byte[] read(Path file) {
    try {
      return isDash(file) ? StandardInput.open().readAllBytes() : Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read (" + IoReason.of(e) + ")", e);
    }
  }

  /**
   * The beginning of a file or of standard input, for a file that is short if it is right: a device
   * has no end.
   *
   * @param most so many bytes at most
   * @throws UncheckedIOException if it cannot be read; the message is a sentence
   */
  public static byte[] beginning(Path file, int most) {
    try (InputStream in = isDash(file) ? null : Files.newInputStream(file)) {
      return (in == null ? StandardInput.open() : in).readNBytes(most);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read (" + IoReason.of(e) + ")", e);
    }
  }

  /**
   * Writes a file whole, or to standard output.
   *
   * @param out standard output, as the command has it
   * @throws OutputException if the file cannot be written; {@link OutputFile} says how it is then
   */
  public static void write(Path file, byte[] bytes, PrintWriter out) {
    if (!isOutput(file)) {
      OutputFile.write(file, bytes);
    } else if (out instanceof Output output) {
      output.writeRaw(bytes);
    } else {
      throw new IllegalStateException("raw bytes need an output that takes them");
    }
  }

  /**
   * Writes a file whole that only its owner may read, or to standard output.
   *
   * @param out standard output, as the command has it
   * @throws OutputException if the file cannot be written; {@link OutputFile} says how it is then
   */
  public static void writeForOwner(Path file, byte[] bytes, PrintWriter out) {
    if (isOutput(file)) {
      write(file, bytes, out);
    } else {
      OutputFile.writeForOwner(file, bytes);
    }
  }

  /**
   * Passes if standard input is one of the files at most: it can be read once.
   *
   * @throws UsageException if two of them are
   */
  public static void requireOneInput(List<Path> files) {
    if (files.stream().filter(StandardStreams::isDash).count() > 1) {
      throw new UsageException(
          "'-' is given twice, and standard input can be read once; put one of the two into a"
              + " file");
    }
  }

  /** Whether a file is standard input or standard output. */
  public static boolean isDash(Path file) {
    return file.toString().equals(DASH);
  }

  /** Whether a file that is written is standard output: {@code -}, or a name that leads there. */
  public static boolean isOutput(Path file) {
    return isDash(file) || OutputFile.isStandardOutput(file);
  }
}
