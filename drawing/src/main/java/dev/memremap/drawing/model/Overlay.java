// SPDX-License-Identifier: Apache-2.0
package dev.memremap.drawing.model;

import dev.memremap.resource.PhysRange;
import java.util.List;
import java.util.Objects;

/**
 * What is drawn beside a machine's resources, at its own addresses: a request, a mapping, a page
 * map.
 *
 * @param id names it in a document; letters, digits, - and _ are kept
 * @param kind what it is
 * @param range its addresses
 * @param lines what is written in it
 * @param assumed whether it rests on facts that are assumed
 * @param parts what it is divided into, sorted by start, inside the range, without overlaps; may be
 *     empty
 * @param cells its pages in use, a share of the pages each, in ascending order; may be empty
 */
public record Overlay(
    String id,
    Kind kind,
    PhysRange range,
    List<String> lines,
    boolean assumed,
    List<Part> parts,
    List<Cell> cells) {
  /** Checks the parts. */
  public Overlay {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(range, "range");
    lines = List.copyOf(lines);
    parts = List.copyOf(parts);
    cells = List.copyOf(cells);
    for (int i = 0; i < parts.size(); i++) {
      PhysRange part = parts.get(i).range;
      if (!range.contains(part)
          || (i > 0
              && Long.compareUnsigned(parts.get(i - 1).range.endInclusive(), part.start()) >= 0)) {
        throw new IllegalArgumentException(
            "parts are sorted, inside %s, and do not overlap: %s".formatted(range, part));
      }
    }
  }

  /** Makes one that is not divided. */
  public Overlay(String id, Kind kind, PhysRange range, List<String> lines, boolean assumed) {
    this(id, kind, range, lines, assumed, List.of(), List.of());
  }

  /**
   * A part of it.
   *
   * @param kind what the part is
   * @param name what is written in it
   */
  public record Part(PhysRange range, Kind kind, String name) {
    /** Checks the parts. */
    public Part {
      Objects.requireNonNull(range, "range");
      Objects.requireNonNull(kind, "kind");
      Objects.requireNonNull(name, "name");
    }
  }

  /**
   * A run of pages.
   *
   * @param firstPfn the first page's number
   * @param lastPfn the last page's number, inclusive
   * @param references how many references the most used of them has
   * @param poisoned how many of them are poisoned
   */
  public record Cell(long firstPfn, long lastPfn, long references, long poisoned) {}
}
