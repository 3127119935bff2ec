// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import dev.memremap.resource.PhysRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What {@code lsmem} prints, as a table or, with {@code -J}, as JSON: blocks of memory. */
final class LsmemList {
  private static final Pattern RANGE =
      Pattern.compile("0x([0-9a-fA-F]{1,16})-0x([0-9a-fA-F]{1,16})");
  private static final Pattern ROW =
      Pattern.compile(
          "(?:^|[ \\t>|])(0x[0-9a-fA-F]{1,16}-0x[0-9a-fA-F]{1,16}) +[0-9.]{1,20}[KMGTPE]?"
              + " +(?:online|offline|going-offline)\\b");
  private static final String WHAT = "lsmem";

  /** Ten thousand blocks, which lsmem would print as few ranges, take 1 MiB. */
  private static final int MAX_JSON = 4 << 20;

  private LsmemList() {}

  /**
   * The list in a text, if it is one.
   *
   * @throws IllegalArgumentException if its ranges overlap, or it is broken JSON
   */
  static Optional<ListedMemory> in(FileText file) {
    List<ListedMemory.Listed> ranges =
        file.text().stripLeading().startsWith("{") ? json(file) : table(file);
    return ranges.isEmpty() ? Optional.empty() : Optional.of(ListedMemory.of(file, WHAT, ranges));
  }

  private static List<ListedMemory.Listed> table(FileText file) {
    List<ListedMemory.Listed> ranges = new ArrayList<>();
    String[] lines = file.lines();
    for (int i = 0; i < lines.length; i++) {
      Matcher row = ROW.matcher(lines[i]);
      if (row.find()) {
        ranges.add(listed(file, i + 1, row.group(1)));
      }
    }
    return ranges;
  }

  private static List<ListedMemory.Listed> json(FileText file) {
    List<ListedMemory.Listed> ranges = new ArrayList<>();
    if (file.text().length() > MAX_JSON) {
      throw file.error(1, "a list of lsmem in JSON has at most 4 MiB, and this text is longer");
    }
    JsonNode root;
    try {
      root = JsonMapper.shared().readTree(file.text());
    } catch (JacksonException e) {
      int line = e.getLocation() == null ? 1 : Math.max(1, e.getLocation().getLineNr());
      throw new IllegalArgumentException(
          "%s:%d: the JSON is broken (%s)"
              .formatted(file.name(), line, Excerpt.of(e.getOriginalMessage())),
          e);
    }
    for (JsonNode row : root.path("memory")) {
      ranges.add(listed(file, 1, row.path("range").asString("")));
    }
    return ranges;
  }

  private static ListedMemory.Listed listed(FileText file, int line, String words) {
    Matcher range = RANGE.matcher(words);
    if (!range.matches()) {
      throw file.error(line, "'%s' is not a range of lsmem".formatted(Excerpt.of(words)));
    }
    long start = Long.parseUnsignedLong(range.group(1), 16);
    long end = Long.parseUnsignedLong(range.group(2), 16);
    if (Long.compareUnsigned(end, start) < 0) {
      throw file.error(line, "the range %s ends before it starts".formatted(words));
    }
    return new ListedMemory.Listed(line, new PhysRange(start, end), E820Type.USABLE.resource());
  }
}
