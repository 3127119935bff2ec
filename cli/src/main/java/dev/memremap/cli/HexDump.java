// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import java.util.ArrayList;
import java.util.List;

/** Bytes as people read them: address, numbers of one width, and ASCII, sixteen bytes a line. */
final class HexDump {
  private static final int PER_LINE = 16;

  private HexDump() {}

  /**
   * The lines of a dump.
   *
   * @param address of the first byte
   * @param bytes a whole number of words
   * @param widthBytes of a word, which is shown as a little-endian number
   */
  static List<String> lines(long address, byte[] bytes, int widthBytes) {
    List<String> lines = new ArrayList<>();
    for (int at = 0; at < bytes.length; at += PER_LINE) {
      StringBuilder words = new StringBuilder();
      StringBuilder ascii = new StringBuilder();
      for (int i = at; i < at + PER_LINE; i += widthBytes) {
        words.append(' ');
        for (int b = widthBytes - 1; b >= 0; b--) {
          words.append(i + b < bytes.length ? "%02x".formatted(bytes[i + b]) : "  ");
        }
      }
      for (int i = at; i < Math.min(at + PER_LINE, bytes.length); i++) {
        ascii.append(bytes[i] >= 0x20 && bytes[i] < 0x7f ? (char) bytes[i] : '.');
      }
      lines.add("%012x %s  %s".formatted(address + at, words, ascii));
    }
    return lines;
  }
}
