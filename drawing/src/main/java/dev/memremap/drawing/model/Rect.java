// SPDX-License-Identifier: Apache-2.0
package dev.memremap.drawing.model;

/**
 * A rectangle of a picture.
 *
 * @param x its left edge
 * @param y its upper edge; y grows downwards
 */
public record Rect(int x, int y, int width, int height) {
  /** Returns its right edge. */
  public int right() {
    return x + width;
  }

  /** Returns its lower edge. */
  public int bottom() {
    return y + height;
  }

  /** Returns whether another one lies in it, edges included. */
  public boolean contains(Rect other) {
    return x <= other.x && other.right() <= right() && y <= other.y && other.bottom() <= bottom();
  }

  /** Returns whether the two share more than edges. */
  public boolean overlaps(Rect other) {
    return x < other.right() && other.x < right() && y < other.bottom() && other.y < bottom();
  }
}
