// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A file's name and its text, however it was encoded.
 *
 * @param name what remarks and errors call it
 * @param text its characters, without a byte order mark
 * @param repairs what had to be set right to read its characters
 */
record FileText(String name, String text, List<String> repairs) {
  private static final String MARK = "\uFEFF";

  /** Longer than any line of a list or a log; core refuses longer ones, too. */
  static final int LONGEST_LINE = 4096;

  FileText {
    // a name may come from an archive of another person's
    name = Excerpt.name(name);
    repairs = List.copyOf(repairs);
  }

  /** UTF-8 with or without a byte order mark, or UTF-16 with one, as PowerShell writes it. */
  static FileText of(String name, byte[] bytes) {
    List<String> repairs = new ArrayList<>();
    Charset charset = StandardCharsets.UTF_8;
    if (begins(bytes, 0xff, 0xfe)) {
      charset = StandardCharsets.UTF_16LE;
    } else if (begins(bytes, 0xfe, 0xff)) {
      charset = StandardCharsets.UTF_16BE;
    }
    if (!charset.equals(StandardCharsets.UTF_8)) {
      repairs.add(charset.name());
    }
    String text = new String(bytes, charset);
    if (text.indexOf('\uFFFD') >= 0 && !isIn(charset, bytes)) {
      repairs.add("bytes that are not " + charset.name() + ", read as \uFFFD");
    }
    if (text.startsWith(MARK)) {
      text = text.substring(1);
      repairs.add("byte order mark");
    }
    return new FileText(name, text, repairs);
  }

  private static boolean isIn(Charset charset, byte[] bytes) {
    try {
      charset.newDecoder().decode(ByteBuffer.wrap(bytes));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  private static boolean begins(byte[] bytes, int first, int second) {
    return bytes.length >= 2 && (bytes[0] & 0xff) == first && (bytes[1] & 0xff) == second;
  }

  /**
   * The lines of a log or of what a command printed. Lines that are too long for either are
   * returned empty, so that patterns need not handle them.
   */
  String[] lines() {
    String[] lines = text.split("\n", -1);
    for (int i = 0; i < lines.length; i++) {
      if (lines[i].length() > LONGEST_LINE) {
        lines[i] = "";
      }
    }
    return lines;
  }

  /** Whether the last line ends as lines do. */
  boolean isEnded() {
    return text.endsWith("\n");
  }

  IllegalArgumentException error(int line, String sentence) {
    return new IllegalArgumentException("%s:%d: %s".formatted(name, line, sentence));
  }
}
