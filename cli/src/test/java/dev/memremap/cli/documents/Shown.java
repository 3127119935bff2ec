// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.documents;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** Whether what a page shows is what was printed. */
final class Shown {
  private Shown() {}

  /**
   * Whether these lines were printed. A line {@code …} stands for any lines, and {@code …} in a
   * line for anything.
   */
  static boolean matches(List<String> shown, List<String> printed) {
    String pattern =
        shown.stream()
            .map(line -> line.equals("…") ? "(.*\n)*" : pattern(line.stripTrailing()) + "\n")
            .collect(Collectors.joining());
    String text =
        withoutEnd(printed).stream()
            .map(String::stripTrailing)
            .map(line -> line + "\n")
            .collect(Collectors.joining());
    return Pattern.matches(pattern, text);
  }

  /** An empty line at the end is for the prompt. */
  private static List<String> withoutEnd(List<String> printed) {
    int end = printed.size();
    while (end > 0 && printed.get(end - 1).isBlank()) {
      end--;
    }
    return printed.subList(0, end);
  }

  private static String pattern(String line) {
    return List.of(line.split("…", -1)).stream()
        .map(Pattern::quote)
        .collect(Collectors.joining(".*"));
  }

  /** Whether a document has all that is shown of it; lists may be shown without some elements. */
  static boolean isPartOf(JsonNode shown, JsonNode printed) {
    if (shown.isObject()) {
      return printed.isObject()
          && shown
              .propertyStream()
              .allMatch(
                  each ->
                      printed.has(each.getKey())
                          && isPartOf(each.getValue(), printed.get(each.getKey())));
    }
    if (!shown.isArray()) {
      return shown.equals(printed);
    }
    int at = 0;
    for (JsonNode each : shown) {
      while (at < printed.size() && !isPartOf(each, printed.get(at))) {
        at++;
      }
      if (at++ == printed.size()) {
        return false;
      }
    }
    return printed.isArray();
  }
}
