// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cache;

import dev.memremap.resource.PhysRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text of the kernel's {@code /sys/kernel/debug/x86/pat_memtype_list} (MT-14), whose ends are
 * exclusive: {@code PAT: [mem 0x…-0x…] write-back}, and before that form {@code write-back @
 * 0x…-0x…}.
 *
 * <p>Thread safety: no state.
 */
final class MemtypeListText {
  private static final String HEADER = "PAT memtype list:";
  private static final Pattern LINE =
      Pattern.compile("PAT: \\[mem 0x([0-9a-f]{1,16})-0x([0-9a-f]{1,16})\\] (\\S+)");
  private static final Pattern OLDER_LINE =
      Pattern.compile("(\\S+) @ 0x([0-9a-f]{1,16})-0x([0-9a-f]{1,16})");

  private MemtypeListText() {}

  /**
   * Reads a list, in either form.
   *
   * @throws IllegalArgumentException if a line has neither form; the message names it
   */
  public static List<MemtypeEntry> parse(String text) {
    List<MemtypeEntry> entries = new ArrayList<>();
    int number = 0;
    for (String line : text.lines().toList()) {
      number++;
      if (line.isBlank() || line.equals(HEADER)) {
        continue;
      }
      entries.add(entry(line).orElseThrow(lineError(number, line)));
    }
    return entries;
  }

  private static Supplier<IllegalArgumentException> lineError(int number, String line) {
    return () ->
        new IllegalArgumentException(
            "memory type list, line %d: '%s' is not an entry such as 'PAT: [mem 0x0000000000001000-0x0000000000002000] write-back'"
                .formatted(number, line));
  }

  private static Optional<MemtypeEntry> entry(String line) {
    Matcher newer = LINE.matcher(line);
    if (newer.matches()) {
      return entry(newer.group(1), newer.group(2), newer.group(3));
    }
    Matcher older = OLDER_LINE.matcher(line);
    return older.matches()
        ? entry(older.group(2), older.group(3), older.group(1))
        : Optional.empty();
  }

  private static Optional<MemtypeEntry> entry(String start, String endExclusive, String type) {
    long first = Long.parseUnsignedLong(start, 16);
    long last = Long.parseUnsignedLong(endExclusive, 16) - 1;
    for (CacheMode mode : CacheMode.values()) {
      if (mode.listName().equals(type) && Long.compareUnsigned(first, last) <= 0) {
        return Optional.of(new MemtypeEntry(new PhysRange(first, last), mode));
      }
    }
    return Optional.empty();
  }

  /** Writes a list, in the newer form. */
  public static String format(List<MemtypeEntry> entries) {
    StringBuilder text = new StringBuilder(HEADER).append('\n');
    for (MemtypeEntry entry : entries) {
      text.append(
          "PAT: [mem 0x%016x-0x%016x] %s\n"
              .formatted(
                  entry.range().start(),
                  entry.range().endInclusive() + 1,
                  entry.mode().listName()));
    }
    return text.toString();
  }
}
