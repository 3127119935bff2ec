// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import dev.memremap.spi.IoReason;
import dev.memremap.spi.StandardInput;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** The bytes of a scenario or an answers file as text: UTF-8, checked, with a limit on the size. */
final class ScenarioText {
  /** Largest file read, in bytes: ten thousand times what the scenarios we know have. */
  static final int MAX_BYTES = 16 << 20;

  private static final String STANDARD_INPUT = "-";

  private ScenarioText() {}

  /** Reads a whole file; a sentence with the place where it is not text. */
  static String read(Path path) {
    String file = path.toString();
    byte[] bytes;
    if (Files.isDirectory(path)) {
      throw new ScenarioSyntaxException(file, 1, 1, "this is a directory, not a file");
    }
    try (InputStream in = open(path)) {
      bytes = in.readNBytes(MAX_BYTES + 1);
    } catch (NoSuchFileException e) {
      throw new ScenarioSyntaxException(file, 1, 1, "no such file");
    } catch (IOException e) {
      throw new ScenarioSyntaxException(file, 1, 1, "the file cannot be read: " + IoReason.of(e));
    }
    return decode(file, bytes);
  }

  /** Opens a file; {@code -} is standard input, which stays open. */
  private static InputStream open(Path path) throws IOException {
    if (!path.toString().equals(STANDARD_INPUT)) {
      return Files.newInputStream(path);
    }
    return new FilterInputStream(StandardInput.open()) {
      @Override
      public void close() {}
    };
  }

  static String decode(String file, byte[] bytes) {
    if (bytes.length > MAX_BYTES) {
      throw new ScenarioSyntaxException(
          file, 1, 1, "the file is larger than 16 MiB, so it is hardly a scenario");
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length);
    CoderResult result = StandardCharsets.UTF_8.newDecoder().decode(in, out, true);
    String text = out.flip().toString();
    if (result.isError()) {
      int lineStart = text.lastIndexOf('\n') + 1;
      int line = 1 + (int) text.chars().filter(c -> c == '\n').count();
      int column = 1 + text.codePointCount(lineStart, text.length());
      throw new ScenarioSyntaxException(
          file,
          line,
          column,
          "byte 0x%02x is not UTF-8; save the file as UTF-8 text"
              .formatted(bytes[in.position()] & 0xff));
    }
    return text;
  }
}
