// SPDX-License-Identifier: Apache-2.0
package dev.memremap.drawing.svg;

import dev.memremap.drawing.model.Kind;
import java.util.Locale;

/**
 * The colour and the pattern of a kind. Colours are those of Okabe and Ito, which people with any
 * colour vision tell apart; two kinds of one colour have different patterns, so that a print in
 * grey tells them apart, too.
 *
 * @param colour of the edge, as 0xRRGGBB
 * @param isTinted whether the inside has a tint of it, or the colour of the paper
 * @param isDotted whether the edge is dotted
 */
record Ink(int colour, Pattern pattern, boolean isTinted, boolean isDotted) {
  private static final int BLACK = 0x404040;
  private static final int GREY = 0x808080;
  private static final int ORANGE = 0xE69F00;
  private static final int SKY = 0x56B4E9;
  private static final int GREEN = 0x009E73;
  private static final int YELLOW = 0xF0E442;
  private static final int BLUE = 0x0072B2;
  private static final int VERMILLION = 0xD55E00;
  private static final int PURPLE = 0xCC79A7;

  /** What is drawn over a colour. */
  enum Pattern {
    NONE(0, ""),
    RISING(8, "M-2,2 L2,-2 M0,8 L8,0 M6,10 L10,6"),
    FALLING(8, "M-2,6 L2,10 M0,0 L8,8 M6,-2 L10,2"),
    LEVEL(6, "M0,3 H6"),
    UPRIGHT(6, "M3,0 V6"),
    CROSSED(8, "M0,0 L8,8 M0,8 L8,0"),
    GRID(8, "M0,4 H8 M4,0 V8"),
    DOTS(6, "M2,3 h2");

    private final int size;
    private final String path;

    Pattern(int size, String path) {
      this.size = size;
      this.path = path;
    }

    /** The width and height of a tile. */
    int size() {
      return size;
    }

    /** The lines in a tile. */
    String path() {
      return path;
    }

    String id() {
      return "pattern-" + name().toLowerCase(Locale.ROOT);
    }
  }

  static Ink of(Kind kind) {
    return switch (kind) {
      case SYSTEM_RAM -> tinted(GREEN, Pattern.NONE);
      case KERNEL -> tinted(GREEN, Pattern.DOTS);
      case RESERVED -> tinted(GREY, Pattern.RISING);
      case ACPI -> tinted(YELLOW, Pattern.LEVEL);
      case ROM -> tinted(GREY, Pattern.LEVEL);
      case UNUSABLE -> tinted(BLACK, Pattern.CROSSED);
      case PCI_WINDOW -> tinted(SKY, Pattern.NONE);
      case DEVICE -> tinted(BLUE, Pattern.UPRIGHT);
      case DRIVER -> tinted(BLUE, Pattern.DOTS);
      case REGISTERS -> tinted(GREY, Pattern.UPRIGHT);
      case PERSISTENT_MEMORY -> tinted(ORANGE, Pattern.FALLING);
      case CXL_WINDOW -> tinted(PURPLE, Pattern.RISING);
      case SOFT_RESERVED -> tinted(VERMILLION, Pattern.DOTS);
      case DEVICE_MEMORY -> tinted(ORANGE, Pattern.GRID);
      case UNKNOWN -> plain(BLACK, false);
      case HOLE -> plain(GREY, false);
      case GROUP -> tinted(GREY, Pattern.GRID);
      case GRANTED -> tinted(BLUE, Pattern.NONE);
      case REFUSED -> tinted(VERMILLION, Pattern.CROSSED);
      case NEAREST -> plain(BLUE, true);
      case MAPPING -> tinted(BLUE, Pattern.FALLING);
      case UNCACHABLE -> tinted(YELLOW, Pattern.FALLING);
      case KERNEL_MAPPING -> tinted(GREEN, Pattern.RISING);
      case PAGEMAP_LIVE -> tinted(PURPLE, Pattern.NONE);
      case PAGEMAP_KILLED -> tinted(VERMILLION, Pattern.RISING);
      case PAGEMAP_DRAINING -> tinted(ORANGE, Pattern.RISING);
      case PAGEMAP_PLANNED -> plain(PURPLE, false);
      case ALTMAP_RESERVE -> tinted(GREY, Pattern.RISING);
      case ALTMAP_USED -> tinted(PURPLE, Pattern.GRID);
      case ALTMAP_FREE -> tinted(PURPLE, Pattern.DOTS);
      case PAGES -> tinted(PURPLE, Pattern.NONE);
      case PART_RAM -> tinted(GREEN, Pattern.NONE);
      case PART_OTHER -> tinted(SKY, Pattern.FALLING);
      case HEAT_0, HEAT_1, HEAT_2, HEAT_3, HEAT_4 -> plain(GREY, false);
      case POISONED -> tinted(BLACK, Pattern.CROSSED);
      case EVENT -> plain(BLACK, false);
      case EVENT_AHEAD -> plain(GREY, true);
    };
  }

  private static Ink tinted(int colour, Pattern pattern) {
    return new Ink(colour, pattern, true, false);
  }

  private static Ink plain(int colour, boolean isDotted) {
    return new Ink(colour, Pattern.NONE, false, isDotted);
  }

  /** A share of this colour, in sixteenths, on a paper of another. */
  int on(int paper, int sixteenths) {
    int mixed = 0;
    for (int shift = 0; shift <= 16; shift += 8) {
      int own = (colour >> shift) & 0xff;
      int under = (paper >> shift) & 0xff;
      mixed |= ((own * sixteenths + under * (16 - sixteenths)) / 16) << shift;
    }
    return mixed;
  }
}
