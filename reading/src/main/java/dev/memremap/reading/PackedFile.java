// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import dev.memremap.spi.StandardInput;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.tukaani.xz.XZInputStream;

/** Files as they are packed: by gzip or xz, and as archives of tar. */
final class PackedFile {
  /** More than any list of a machine has, and few enough to be held at once. */
  static final int MAX_BYTES = 32 << 20;

  /** Each line of a text costs more memory than its characters. */
  static final int MAX_LINES = 1_000_000;

  private static final String STANDARD_INPUT = "-";
  private static final int MAX_XZ_MEMORY_KIB = 96 << 10;
  private static final int TAR_HEADER = 512;
  private static final int TAR_MAGIC = 257;

  private PackedFile() {}

  /** What remarks and errors call a file. */
  static String name(Path file) {
    return file.toString().equals(STANDARD_INPUT)
        ? "standard input"
        : Excerpt.name(file.toString());
  }

  /** What is done with a file's unpacked bytes. */
  @FunctionalInterface
  interface Use<T> {
    T of(BufferedInputStream unpacked) throws IOException;
  }

  /**
   * Opens a file, {@code -} being standard input, and uses its unpacked bytes.
   *
   * @throws UncheckedIOException if it cannot be read; the message is a sentence
   */
  static <T> T use(Path file, Use<T> use) {
    String name = name(file);
    try {
      if (file.toString().equals(STANDARD_INPUT)) {
        return use.of(unpacked(StandardInput.open()));
      }
      try (InputStream in = Files.newInputStream(file)) {
        return use.of(unpacked(in));
      }
    } catch (IOException e) {
      throw UnreadableFile.of(name, e);
    }
  }

  /** The text of one file. */
  static FileText text(Path file) {
    return use(file, in -> text(name(file), in));
  }

  /** The text of a stream whose bytes are unpacked already. */
  static FileText text(String name, InputStream unpacked) throws IOException {
    return text(name, unpacked, MAX_BYTES);
  }

  /**
   * The text of a stream whose bytes are unpacked already.
   *
   * @param most how many bytes it may have, in whole MiB
   */
  static FileText text(String name, InputStream unpacked, int most) throws IOException {
    byte[] bytes = unpacked.readNBytes(most + 1);
    if (bytes.length > most) {
      throw new IOException(
          "more than %d MiB are more than a list of a machine has".formatted(most >> 20));
    }
    int lines = 0;
    for (byte each : bytes) {
      lines += each == '\n' ? 1 : 0;
    }
    if (lines > MAX_LINES) {
      throw new IOException("no list of a machine has more than %d lines".formatted(MAX_LINES));
    }
    return FileText.of(name, bytes);
  }

  static BufferedInputStream unpacked(InputStream in) throws IOException {
    BufferedInputStream packed = new BufferedInputStream(in);
    byte[] head = head(packed, 6);
    if (begins(head, 0x1f, 0x8b)) {
      return new BufferedInputStream(new BoundedGzip(packed));
    }
    if (begins(head, 0xfd, '7', 'z', 'X', 'Z', 0)) {
      return new BufferedInputStream(new XZInputStream(packed, MAX_XZ_MEMORY_KIB));
    }
    return packed;
  }

  /** Whether it is an archive of the kind that tar has written since 1988. */
  static boolean isTar(BufferedInputStream unpacked) throws IOException {
    byte[] head = head(unpacked, TAR_HEADER);
    return head.length == TAR_HEADER
        && new String(head, TAR_MAGIC, 5, java.nio.charset.StandardCharsets.US_ASCII)
            .equals("ustar");
  }

  private static byte[] head(BufferedInputStream in, int size) throws IOException {
    in.mark(size);
    byte[] head = in.readNBytes(size);
    in.reset();
    return head;
  }

  private static boolean begins(byte[] bytes, int... magic) {
    if (bytes.length < magic.length) {
      return false;
    }
    for (int i = 0; i < magic.length; i++) {
      if ((bytes[i] & 0xff) != magic[i]) {
        return false;
      }
    }
    return true;
  }
}
