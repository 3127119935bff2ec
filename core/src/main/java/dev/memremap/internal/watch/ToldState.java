// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.watch;

import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.page.PagemapRange;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What another process was told of a machine last, so that it is told what changed alone. It keeps
 * words and nothing of the machine.
 *
 * <p>Thread safety: none; the watch guards it.
 */
final class ToldState {
  private static final int MOST_LINES = 100_000;

  private Map<String, String> told = Map.of();
  private long version;

  /** What lives on a machine now: a line for each thing, under a key that no other one has. */
  static final class Lines {
    private final Map<String, String> lines = new LinkedHashMap<>();
    private final Map<String, Integer> same = new HashMap<>();
    private int more;

    private Lines() {}

    static Lines of(Machine machine) {
      Lines all = new Lines();
      for (Mapping mapping : machine.liveMappings()) {
        all.add(
            "mapping",
            mapping.range().start(),
            mapping.range().endInclusive(),
            mapping.cacheMode().symbol(),
            mapping.plan().flags(),
            mapping.isDirectMap(),
            mapping.isEncrypted());
      }
      for (DevPagemap map : machine.pagemaps()) {
        all.add(map);
      }
      return all;
    }

    private void add(DevPagemap map) {
      DevPagemap.State state = map.state();
      if (state == DevPagemap.State.UNMAPPED) {
        return;
      }
      for (PagemapRange range : map.ranges()) {
        add(
            "pagemap",
            range.start(),
            range.endInclusive(),
            state,
            map.outsideReferences(),
            map.type().map(MemoryType::name).orElse("untyped"),
            map.cacheMode().symbol(),
            EventCounts.plain(map.toString()));
      }
    }

    /** Writes a line by hand: with thousands, formatting takes most of an answer's time. */
    private void add(String about, long start, Object... words) {
      if (lines.size() >= MOST_LINES) {
        more++;
        return;
      }
      StringBuilder line = new StringBuilder(96).append(about).append('\t').append(start);
      for (Object word : words) {
        line.append('\t').append(word);
      }
      String key = about + '-' + HexFormat.of().toHexDigits(start);
      if (lines.putIfAbsent(key, line.toString()) != null) {
        // several mappings may begin at one address
        lines.put(key + '-' + (same.merge(key, 1, Integer::sum) + 1), line.toString());
      }
    }

    /** All lines without their keys. */
    String text() {
      StringBuilder text = new StringBuilder();
      lines.values().forEach(line -> text.append(line).append('\n'));
      return text.append(rest()).toString();
    }

    private String rest() {
      return more > 0 ? "more\t" + more + "\n" : "";
    }
  }

  /** What changed since a version, or all there is if that is not the version told last. */
  String changes(long since, Lines now) {
    StringBuilder text = new StringBuilder();
    if (since != version || since == 0) {
      told = Map.of();
      text.append("all\n");
    }
    now.lines.forEach(
        (key, line) -> {
          if (!line.equals(told.get(key))) {
            text.append("now\t").append(key).append('\t').append(line).append('\n');
          }
        });
    for (String key : told.keySet()) {
      if (!now.lines.containsKey(key)) {
        text.append("gone\t").append(key).append('\n');
      }
    }
    told = now.lines;
    version++;
    return "version\t" + version + "\n" + text + now.rest();
  }
}
