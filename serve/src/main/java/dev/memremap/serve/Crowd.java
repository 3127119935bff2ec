// SPDX-License-Identifier: Apache-2.0
package dev.memremap.serve;

import dev.memremap.drawing.model.Kind;
import dev.memremap.drawing.model.Overlay;
import dev.memremap.resource.PhysRange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Draws many things beside a machine as few: neighbours share one, which says how many there are.
 * Zooming in shows them one by one.
 */
final class Crowd {
  /** So many have a place of their own beside a machine. */
  static final int PLACES = 40;

  private Crowd() {}

  /**
   * Those that a window shows, at most {@link #PLACES}.
   *
   * @param window null for all addresses
   */
  static List<Overlay> thinned(List<Overlay> overlays, @Nullable PhysRange window) {
    List<Overlay> shown = new ArrayList<>();
    for (Overlay overlay : overlays) {
      if (window == null || window.overlaps(overlay.range())) {
        shown.add(overlay);
      }
    }
    if (shown.size() <= PLACES) {
      return shown;
    }
    shown.sort(Comparator.comparing(Overlay::range));
    List<Overlay> few = new ArrayList<>();
    int begin = 0;
    for (int place = 1; place <= PLACES; place++) {
      int end = (int) ((long) shown.size() * place / PLACES);
      few.add(together(shown.subList(begin, end)));
      begin = end;
    }
    return few;
  }

  private static Overlay together(List<Overlay> neighbours) {
    Overlay first = neighbours.getFirst();
    if (neighbours.size() == 1) {
      return first;
    }
    Map<Kind, Integer> kinds = new EnumMap<>(Kind.class);
    long last = first.range().endInclusive();
    for (Overlay each : neighbours) {
      kinds.merge(each.kind(), 1, Integer::sum);
      long end = each.range().endInclusive();
      last = Long.compareUnsigned(end, last) > 0 ? end : last;
    }
    Kind most =
        kinds.entrySet().stream()
            .max(Map.Entry.<Kind, Integer>comparingByValue())
            .orElseThrow()
            .getKey();
    String what =
        kinds.entrySet().stream()
            .map(each -> "%d × %s".formatted(each.getValue(), each.getKey().words()))
            .collect(Collectors.joining(", "));
    return new Overlay(
        "crowd-%x".formatted(first.range().start()),
        most,
        new PhysRange(first.range().start(), last),
        List.of(what),
        false);
  }
}
