// SPDX-License-Identifier: Apache-2.0
package dev.memremap.drawing.terminal;

import dev.memremap.drawing.model.Kind;

/**
 * What a kind is drawn with in a terminal.
 *
 * @param blocks two block characters
 * @param letters two ASCII characters, where blocks cannot be written
 * @param colour the number of a colour among 256
 */
record Glyph(String blocks, String letters, int colour) {
  private static final int GREEN = 36;
  private static final int GREY = 245;
  private static final int YELLOW = 227;
  private static final int SKY = 74;
  private static final int BLUE = 32;
  private static final int ORANGE = 178;
  private static final int VERMILLION = 166;
  private static final int PURPLE = 175;

  static Glyph of(Kind kind) {
    return switch (kind) {
      case SYSTEM_RAM -> new Glyph("██", "##", GREEN);
      case KERNEL -> new Glyph("▓▓", "KK", GREEN);
      case RESERVED -> new Glyph("▒▒", "//", GREY);
      case ACPI -> new Glyph("▀▀", "AA", YELLOW);
      case ROM -> new Glyph("▄▄", "==", GREY);
      case UNUSABLE -> new Glyph("▚▞", "XX", GREY);
      case PCI_WINDOW -> new Glyph("░░", "::", SKY);
      case DEVICE -> new Glyph("▌▌", "||", BLUE);
      case DRIVER -> new Glyph("▐▐", "dd", BLUE);
      case REGISTERS -> new Glyph("▘▘", "!!", GREY);
      case PERSISTENT_MEMORY -> new Glyph("▚▚", "PP", ORANGE);
      case CXL_WINDOW -> new Glyph("▞▞", "CC", PURPLE);
      case SOFT_RESERVED -> new Glyph("▖▖", "SS", VERMILLION);
      case DEVICE_MEMORY -> new Glyph("▙▟", "MM", ORANGE);
      case UNKNOWN -> new Glyph("▏▕", "??", GREY);
      case HOLE -> new Glyph("··", "..", GREY);
      case GROUP -> new Glyph("▛▜", "++", GREY);
      default -> new Glyph("▝▖", "**", PURPLE);
    };
  }
}
