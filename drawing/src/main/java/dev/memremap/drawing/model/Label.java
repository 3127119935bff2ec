// SPDX-License-Identifier: Apache-2.0
package dev.memremap.drawing.model;

import java.util.List;

/**
 * A line of text.
 *
 * @param rect the room that it takes
 * @param text what is written
 * @param style how
 * @param box the index of the box that it belongs to; -1 if it belongs to none
 * @param leader the corners of the line that leads from the box to it; empty if it lies in the box,
 *     or belongs to none
 */
public record Label(Rect rect, String text, Style style, int box, List<Point> leader) {
  /** Keeps a copy. */
  public Label {
    leader = List.copyOf(leader);
  }

  /** How a text is written. */
  public enum Style {
    /** The picture's title. */
    TITLE,
    /** Lines below the title. */
    NOTE,
    /** The name of a machine or of a part of the picture. */
    HEADING,
    /** A name. */
    NAME,
    /** A size. */
    SIZE,
    /** An address. */
    ADDRESS,
    /** What is said in a box or a legend. */
    TEXT
  }

  /** A corner of a line. */
  public record Point(int x, int y) {}
}
