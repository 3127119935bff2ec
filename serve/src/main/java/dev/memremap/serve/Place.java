// SPDX-License-Identifier: Apache-2.0
package dev.memremap.serve;

import java.util.Objects;

/**
 * Which machine of a subject is meant, and when.
 *
 * @param machine its id; empty for the first one
 * @param step how many operations of a run were carried out; 0 without a run
 */
public record Place(String machine, int step) {
  /** The first machine, before anything was done. */
  public static final Place FIRST = new Place("", 0);

  /** Checks the parts. */
  public Place {
    Objects.requireNonNull(machine, "machine");
    if (step < 0) {
      throw new IllegalArgumentException("a run has no step " + step);
    }
  }
}
