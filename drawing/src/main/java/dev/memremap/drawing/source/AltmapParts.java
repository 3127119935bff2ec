// SPDX-License-Identifier: Apache-2.0
package dev.memremap.drawing.source;

import dev.memremap.drawing.model.Kind;
import dev.memremap.drawing.model.Overlay;
import dev.memremap.drawing.model.SizeText;
import dev.memremap.resource.PhysRange;
import java.util.ArrayList;
import java.util.List;

/** The parts of a range whose first pages an altmap sets aside. */
final class AltmapParts {
  private final PhysRange range;
  private final long pageBytes;
  private final List<Overlay.Part> parts = new ArrayList<>();
  private long next;
  private boolean isFull;

  private AltmapParts(PhysRange range, long pageBytes) {
    this.range = range;
    this.pageBytes = pageBytes;
    this.next = range.start();
  }

  /**
   * The parts, in order, as far as the range reaches.
   *
   * @param reserve pages of the driver's own
   * @param used pages that page structures take, or that were skipped to align them
   * @param free pages that are left of those set aside for page structures
   */
  static List<Overlay.Part> of(
      PhysRange range, long pageBytes, long reserve, long used, long free) {
    AltmapParts parts = new AltmapParts(range, pageBytes);
    parts.add(reserve, Kind.ALTMAP_RESERVE, "reserve");
    parts.add(used, Kind.ALTMAP_USED, "structures");
    parts.add(free, Kind.ALTMAP_FREE, "free");
    parts.rest();
    return parts.parts;
  }

  private void add(long pages, Kind kind, String name) {
    if (pages == 0 || isFull) {
      return;
    }
    long left = (range.endInclusive() - next) / pageBytes + 1;
    if (Long.compareUnsigned(pages, left) >= 0) {
      isFull = true;
    }
    long end = isFull ? range.endInclusive() : next + pages * pageBytes - 1;
    add(new PhysRange(next, end), kind, name);
    next = end + 1;
  }

  private void rest() {
    if (!isFull) {
      add(new PhysRange(next, range.endInclusive()), Kind.PAGES, "pages");
    }
  }

  private void add(PhysRange part, Kind kind, String name) {
    parts.add(new Overlay.Part(part, kind, name + " " + SizeText.of(part)));
  }
}
