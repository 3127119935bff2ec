// SPDX-License-Identifier: Apache-2.0
package dev.memremap.serve;

import dev.memremap.drawing.model.Kind;
import dev.memremap.drawing.model.Overlay;
import dev.memremap.drawing.model.SizeText;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.PlainText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Reads what another JVM's watch says. Lines that are not known, which another version may have,
 * are passed over.
 */
final class WatchText {
  private WatchText() {}

  /** A machine of another JVM. */
  record Seen(long number, long resources, long mappings, long pagemaps, long references) {}

  /**
   * What a look saw.
   *
   * @param machines the open machines
   * @param counts events since the watch began, by their names
   * @param events the new events, the newest first
   */
  record Look(List<Seen> machines, Map<String, Long> counts, List<Pulse.Event> events) {}

  static Look look(String text) {
    List<Seen> machines = new ArrayList<>();
    Map<String, Long> counts = new LinkedHashMap<>();
    List<Pulse.Event> events = new ArrayList<>();
    for (String line : text.split("\n", -1)) {
      String[] words = line.split("\t", -1);
      switch (words[0]) {
        case "machine" ->
            machines.add(
                new Seen(
                    number(words[1]),
                    number(words[2]),
                    number(words[3]),
                    number(words[4]),
                    number(words[5])));
        case "count" -> counts.put(words[1], number(words[2]));
        case "event" ->
            events.add(new Pulse.Event(number(words[1]), number(words[2]), PlainText.of(words[3])));
        default -> {
          // of another version
        }
      }
    }
    return new Look(machines, counts, events);
  }

  /** What lives on a machine, as it is drawn beside it. */
  static List<Overlay> overlays(String text) {
    List<Overlay> overlays = new ArrayList<>();
    Map<Long, Integer> same = new HashMap<>();
    for (String line : text.split("\n", -1)) {
      String[] words = line.split("\t", -1);
      // several mappings may begin at one address
      int which = words[0].equals("mapping") ? same.merge(number(words[1]), 1, Integer::sum) : 1;
      overlay(words, which == 1 ? "" : "-" + which).ifPresent(overlays::add);
    }
    return overlays;
  }

  /**
   * What changed of that.
   *
   * @param version names this answer; 0 if the machine is gone
   * @param isAll whether nothing of an earlier answer holds
   * @param now what is new or different, by its keys
   * @param gone the keys of what is there no more
   */
  record Changes(long version, boolean isAll, Map<String, Overlay> now, List<String> gone) {}

  static Changes changes(String text) {
    long version = 0;
    boolean isAll = text.isEmpty();
    Map<String, Overlay> now = new LinkedHashMap<>();
    List<String> gone = new ArrayList<>();
    for (String line : text.split("\n", -1)) {
      String[] words = line.split("\t", -1);
      switch (words[0]) {
        case "version" -> version = number(words[1]);
        case "all" -> isAll = true;
        case "now" -> {
          String key = words[1];
          // kind, address and, if it is not the first one there, a number
          int which = key.indexOf('-', key.indexOf('-') + 1);
          overlay(Arrays.copyOfRange(words, 2, words.length), which < 0 ? "" : key.substring(which))
              .ifPresent(overlay -> now.put(key, overlay));
        }
        case "gone" -> gone.add(words[1]);
        default -> {
          // of another version
        }
      }
    }
    return new Changes(version, isAll, now, gone);
  }

  private static Optional<Overlay> overlay(String[] words, String which) {
    return switch (words[0]) {
      case "mapping" -> Optional.of(mapping(words, which));
      case "pagemap" -> Optional.of(pagemap(words));
      // of another version
      default -> Optional.empty();
    };
  }

  private static Overlay mapping(String[] words, String which) {
    PhysRange range = new PhysRange(number(words[1]), number(words[2]));
    return new Overlay(
        "mapping-" + Long.toHexString(range.start()) + which,
        Kind.MAPPING,
        range,
        List.of(
            "mapping, " + SizeText.of(range),
            words[3]
                + (words[5].equals("true") ? ", the direct map" : "")
                + (words[6].equals("true") ? ", encrypted" : "")),
        false);
  }

  private static Overlay pagemap(String[] words) {
    PhysRange range = new PhysRange(number(words[1]), number(words[2]));
    Kind kind =
        switch (words[3]) {
          case "LIVE" -> Kind.PAGEMAP_LIVE;
          case "KILLED" -> Kind.PAGEMAP_KILLED;
          default -> Kind.PAGEMAP_DRAINING;
        };
    return new Overlay(
        "pagemap-" + Long.toHexString(range.start()),
        kind,
        range,
        List.of(
            PlainText.of(words[7]),
            words[5] + ", " + SizeText.of(range) + ", " + words[6],
            words[3].toLowerCase(Locale.ROOT) + ", references held: " + words[4]),
        false);
  }

  private static long number(String word) {
    return Long.parseLong(word);
  }
}
