// SPDX-License-Identifier: Apache-2.0
package dev.memremap.resource;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads the lines of a stream, holding one at a time, so that a large file that is not a {@code
 * /proc/iomem} is refused at its first wrong line.
 *
 * <p>Thread safety: for one thread.
 */
final class IomemLines {
  static final int LONGEST = 4096;
  static final int MOST = 4_000_000;

  private final InputStream in;
  private final String source;
  private final byte[] buffer = new byte[64 << 10];
  private final byte[] line = new byte[LONGEST];
  private final int lastAllowed;
  private int next;
  private int filled;
  private int number;
  private boolean unended;

  /**
   * @param in read to its end, not closed
   * @param firstLine the number of its first line in the source
   */
  IomemLines(InputStream in, String source, int firstLine) {
    this.in = in;
    this.source = source;
    if (firstLine < 1 || firstLine > Integer.MAX_VALUE - MOST) {
      throw new IllegalArgumentException(
          "firstLine is %d; lines are numbered from 1, and up to %d follow"
              .formatted(firstLine, MOST));
    }
    this.number = firstLine - 1;
    this.lastAllowed = number + MOST;
  }

  /** The number of the line read last, or of the one before the first. */
  int number() {
    return number;
  }

  /** Whether the stream ended within the line read last, before a newline. */
  boolean isUnended() {
    return unended;
  }

  /** The next line without its newline; null at the end. */
  @Nullable String next() throws IOException {
    int length = 0;
    while (true) {
      if (next == filled && !fill()) {
        unended |= length != 0;
        return length == 0 ? null : text(length);
      }
      if (length == 0) {
        startLine();
      }
      int from = next;
      while (next < filled && buffer[next] != '\n') {
        next++;
      }
      int piece = next - from;
      if (length + piece > LONGEST) {
        throw error("the line is longer than 4096 bytes; this is not text of /proc/iomem");
      }
      System.arraycopy(buffer, from, line, length, piece);
      length += piece;
      if (next < filled) {
        next++;
        return text(length);
      }
    }
  }

  private void startLine() {
    if (number == lastAllowed) {
      throw error("there are more than 4000000 lines; no machine has as many resources");
    }
    number++;
  }

  private boolean fill() throws IOException {
    next = 0;
    filled = Math.max(0, in.read(buffer));
    return filled > 0;
  }

  private String text(int length) {
    if (isAscii(length)) {
      return new String(line, 0, length, StandardCharsets.US_ASCII);
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(line, 0, length))
          .toString();
    } catch (CharacterCodingException e) {
      throw error("the line is not UTF-8; save the file as UTF-8, if it is text at all");
    }
  }

  private boolean isAscii(int length) {
    int all = 0;
    for (int i = 0; i < length; i++) {
      all |= line[i];
    }
    return all >= 0;
  }

  IomemFormatException error(String sentence) {
    return new IomemFormatException(source, number, sentence);
  }
}
