// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a guest's kernel has mapped itself, by its {@code pat_memtype_list}: requests that meet it
 * get its mode.
 */
final class GuestMemtypes {
  private static final Pattern ENTRY =
      Pattern.compile("PAT: \\[mem 0x([0-9a-f]+)-0x([0-9a-f]+)] (.*)");
  private static final Map<String, String> MODES =
      Map.of(
          "write-back", "WB",
          "write-through", "WT",
          "write-combining", "WC",
          "uncached-minus", "UC-",
          "uncached", "UC");

  private GuestMemtypes() {}

  /** The ranges as a scenario's {@code memtype=} wants them; one inside another is left out. */
  static String of(String list) {
    Map<Long, Long> ends = new TreeMap<>(Long::compareUnsigned);
    Map<Long, String> modes = new TreeMap<>(Long::compareUnsigned);
    long lastEnd = 0;
    for (String line : list.lines().toList()) {
      Matcher entry = ENTRY.matcher(line);
      if (!entry.matches()) {
        continue;
      }
      long start = Long.parseUnsignedLong(entry.group(1), 16);
      long end = Long.parseUnsignedLong(entry.group(2), 16);
      if (Long.compareUnsigned(end, lastEnd) > 0) {
        ends.put(start, end);
        modes.put(start, MODES.getOrDefault(entry.group(3), entry.group(3)));
        lastEnd = end;
      }
    }
    return ends.entrySet().stream()
        .map(
            entry ->
                "0x%x+0x%x:%s"
                    .formatted(
                        entry.getKey(),
                        entry.getValue() - entry.getKey(),
                        modes.get(entry.getKey())))
        .collect(Collectors.joining(","));
  }
}
