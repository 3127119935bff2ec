// SPDX-License-Identifier: Apache-2.0
package dev.memremap.drawing.model;

/** A straight line of a picture. */
public record Line(int x1, int y1, int x2, int y2, Role role) {
  /** What a line is for. */
  public enum Role {
    /** From a machine to what is drawn beside it. */
    GUIDE,
    /** Across a machine, where what is drawn beside it begins and ends. */
    MARK,
    /** Where addresses end. */
    END,
    /** Where addresses are assumed to end. */
    END_ASSUMED,
    /** From a step of a teardown to the next. */
    NEXT
  }
}
