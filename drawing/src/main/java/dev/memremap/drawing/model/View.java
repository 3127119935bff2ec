// SPDX-License-Identifier: Apache-2.0
package dev.memremap.drawing.model;

import dev.memremap.resource.PhysRange;
import org.jspecify.annotations.Nullable;

/**
 * Which part of a scene a picture shows.
 *
 * @param window only what shares a byte with this range, cut to it; null for all
 * @param maxBoxes about how many resources of a machine have a box of their own, the largest first;
 *     neighbours that have none share one
 */
public record View(@Nullable PhysRange window, int maxBoxes) {
  /** All of a scene, each resource by itself. */
  public static final View ALL = new View(null, Integer.MAX_VALUE);

  /** Checks the parts. */
  public View {
    if (maxBoxes < 1) {
      throw new IllegalArgumentException("a picture has at least one box, not " + maxBoxes);
    }
  }
}
