// SPDX-License-Identifier: Apache-2.0
package dev.memremap.serve;

import dev.memremap.drawing.model.Area;
import dev.memremap.drawing.model.Overlay;
import dev.memremap.drawing.model.Scene;
import dev.memremap.drawing.model.SizeText;
import dev.memremap.resource.PhysRange;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Finds parts of a picture by address or by name. */
final class Finder {
  /** So many are listed. */
  static final int LISTED = 50;

  private Finder() {}

  /**
   * What was found.
   *
   * @param found the first ones, in the order of addresses
   * @param count how many there are
   */
  record Found(List<Match> found, int count) {}

  /** A part of a picture that was found. */
  record Match(String name, PhysRange range, String kind) {
    String words() {
      return "%s, %s, %s".formatted(range, SizeText.of(range), kind);
    }
  }

  /** Finds what has an address or shares a byte with a range, or whose name has these words. */
  static Found find(Scene scene, String words) {
    PhysRange range = range(words);
    String small = words.toLowerCase(Locale.ROOT);
    List<Match> found = new ArrayList<>();
    int[] count = {0};
    scene.machines().forEach(machine -> find(machine.areas(), range, small, found, count));
    for (Overlay overlay : scene.overlays()) {
      String lines = String.join(", ", overlay.lines());
      if (range == null
          ? lines.toLowerCase(Locale.ROOT).contains(small)
          : overlay.range().overlaps(range)) {
        add(new Match(lines, overlay.range(), overlay.kind().words()), found, count);
      }
    }
    return new Found(List.copyOf(found), count[0]);
  }

  private static void find(
      List<Area> areas, @Nullable PhysRange range, String small, List<Match> found, int[] count) {
    Deque<Area> open = new ArrayDeque<>(areas);
    while (!open.isEmpty()) {
      Area area = open.pop();
      boolean isFound =
          range == null
              ? area.name().toLowerCase(Locale.ROOT).contains(small)
              : area.range().overlaps(range);
      if (isFound) {
        add(new Match(area.name(), area.range(), area.kind().words()), found, count);
      }
      if (range == null || isFound) {
        area.children().reversed().forEach(open::push);
      }
    }
  }

  private static void add(Match match, List<Match> found, int[] count) {
    count[0]++;
    if (found.size() < LISTED) {
      found.add(match);
    }
  }

  /** The range that was typed, or the byte at an address; null for a name. */
  private static @Nullable PhysRange range(String words) {
    String typed = PageAddress.bytes(words);
    try {
      boolean isRange = typed.indexOf('+') > 0 || typed.indexOf('-') > 0;
      return isRange ? PhysRange.parse(typed) : PhysRange.of(PhysRange.parseAddress(typed), 1);
    } catch (IllegalArgumentException name) {
      return null;
    }
  }

  /** The resources around a range, the outermost first, each larger than it. */
  static List<Area> around(Scene scene, PhysRange range) {
    List<Area> path = new ArrayList<>();
    List<Area> level = scene.machines().isEmpty() ? List.of() : scene.machines().getFirst().areas();
    while (true) {
      Area inside =
          level.stream()
              .filter(area -> area.range().contains(range) && !area.range().equals(range))
              .findFirst()
              .orElse(null);
      if (inside == null) {
        return path;
      }
      path.add(inside);
      level = inside.children();
    }
  }

  /** The resource with exactly this range, the outermost; null if none has. */
  static @Nullable Area exactly(Scene scene, PhysRange range) {
    List<Area> path = around(scene, range);
    List<Area> level =
        path.isEmpty()
            ? (scene.machines().isEmpty() ? List.of() : scene.machines().getFirst().areas())
            : path.getLast().children();
    return level.stream().filter(area -> area.range().equals(range)).findFirst().orElse(null);
  }
}
