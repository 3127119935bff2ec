// SPDX-License-Identifier: Apache-2.0
package dev.memremap.drawing.model;

/**
 * How large things are, in the units of a renderer: pixels of an SVG, or cells of a terminal.
 *
 * @param charWidth the width of a letter; all letters are equally wide
 * @param line the height of a line of text
 * @param titleCharWidth the width of a letter of the title
 * @param titleLine the height of the title
 * @param row the least height of a resource that holds no other, and of the name of one that does
 * @param growth by how many sixteenths such a resource is higher for each doubling above 4 KiB
 * @param hole the height of a hole
 * @param gap the height of a gap between resources inside another
 * @param footer the space below the last resource inside another
 * @param inset how far a resource is inside the one around it, at the left
 * @param insetRight how far at the right
 * @param pad the space at both sides of text in a box
 * @param padY the space above and below it
 * @param space the space between the columns of the picture
 * @param minPanel the least width of a machine
 * @param maxPanel the largest width of a machine; a name that has no room there is led to by a line
 * @param cell the width and height of a run of pages
 * @param areCells whether these are cells of a terminal: a name that has no room is cut there
 */
public record Metrics(
    int charWidth,
    int line,
    int titleCharWidth,
    int titleLine,
    int row,
    int growth,
    int hole,
    int gap,
    int footer,
    int inset,
    int insetRight,
    int pad,
    int padY,
    int space,
    int minPanel,
    int maxPanel,
    int cell,
    boolean areCells) {
  /** Pixels, for a monospaced font of 11.6 pixels and titles of 14.9. */
  public static final Metrics PIXELS =
      new Metrics(7, 14, 9, 22, 18, 26, 22, 8, 4, 10, 4, 5, 5, 12, 300, 430, 9, false);

  /**
   * Cells of a terminal.
   *
   * @param width how many a machine is wide
   */
  public static Metrics cells(int width) {
    return new Metrics(1, 1, 1, 1, 1, 2, 1, 1, 0, 3, 0, 3, 0, 1, width, width, 1, true);
  }
}
