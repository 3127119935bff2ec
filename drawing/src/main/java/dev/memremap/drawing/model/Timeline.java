// SPDX-License-Identifier: Apache-2.0
package dev.memremap.drawing.model;

import java.util.List;
import java.util.Objects;

/**
 * What happens to a page map from its kill to its release, in order.
 *
 * @param title whose teardown it is
 * @param events its steps
 */
public record Timeline(String title, List<Event> events) {
  /** Checks the parts. */
  public Timeline {
    Objects.requireNonNull(title, "title");
    events = List.copyOf(events);
  }

  /**
   * A step.
   *
   * @param title what happens, such as {@code kill}
   * @param lines what it is known by, such as the operation that did it
   * @param isAhead whether it has not come yet
   */
  public record Event(String title, List<String> lines, boolean isAhead) {
    /** Checks the parts. */
    public Event {
      Objects.requireNonNull(title, "title");
      lines = List.copyOf(lines);
    }
  }
}
