// SPDX-License-Identifier: Apache-2.0
package dev.memremap.drawing.model;

import dev.memremap.resource.PhysRange;
import org.jspecify.annotations.Nullable;

/**
 * A box of a picture.
 *
 * @param id its name in the document; it is the same in each picture that shows the same thing
 * @param role what part of the picture it belongs to
 * @param kind what it stands for
 * @param rect where it is drawn
 * @param range the addresses that it stands for; null if it stands for none
 * @param name the name of what it stands for; empty if that has none
 * @param tip what it is, in a sentence
 * @param parent the index of the box around it; -1 if none is
 * @param marks what else is said of it
 */
public record Box(
    String id,
    Role role,
    Kind kind,
    Rect rect,
    @Nullable PhysRange range,
    String name,
    String tip,
    int parent,
    Marks marks) {
  /** The part of a picture. */
  public enum Role {
    /** A machine's resource, or several drawn as one. */
    RESOURCE,
    /** Addresses without a resource. */
    HOLE,
    /** What is drawn beside the machines. */
    OVERLAY,
    /** A part of an overlay. */
    PART,
    /** A run of pages. */
    CELL,
    /** A step of a teardown. */
    EVENT,
    /** A sample in the legend. */
    SWATCH
  }

  /**
   * What is said of a box.
   *
   * @param assumed whether it rests on what is not known: its edge is dashed
   * @param onlyHere whether the other machine of a comparison lacks it
   * @param hasLabel whether its name is written
   */
  public record Marks(boolean assumed, boolean onlyHere, boolean hasLabel) {
    static final Marks NONE = new Marks(false, false, false);
    static final Marks NAMED = new Marks(false, false, true);
  }
}
