// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What stands before a line when it was quoted, logged, or found by grep: {@code "> "}, {@code "[
 * 12.34] "}, {@code "Nov 3 10:11:12 host kernel: "}, {@code "12:"}.
 */
final class LinePrefix {
  private static final int MAX_PREFIXES = 8;

  private static final List<Pattern> MARKS =
      List.of(
          Pattern.compile("[ \\t\\u00a0]*\\uFEFF"),
          Pattern.compile("[ \\t\\u00a0]*[>|] ?"),
          Pattern.compile("[ \\t]*\\[ *[0-9]{1,10}\\.[0-9]{1,9}\\](?:\\[ *[TC]?[0-9]{1,10}\\])? ?"),
          Pattern.compile("<[0-9]{1,4}>"),
          Pattern.compile(
              "(?:[A-Z][a-z]{2} {1,2}[0-9]{1,2}"
                  + " [0-9:]{8}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.,+Z-]{8,30})(?: [^ ]{1,255})?"
                  + " kernel: ?"),
          Pattern.compile("kernel: ?"));

  private static final List<Pattern> NUMBERS =
      List.of(
          Pattern.compile(" {0,8}[0-9]{1,7}\\t"),
          Pattern.compile("[^ :]{0,200}iomem[^ :]{0,50}:(?:[0-9]{1,7}[:-])?"),
          Pattern.compile("[0-9]{1,7}[:-]"));

  private LinePrefix() {}

  /** Where the next prefix ends that begins there; the same place if none does. */
  static int end(String line, int from) {
    int behind = end(MARKS, line, from);
    return behind > from ? behind : end(NUMBERS, line, from);
  }

  private static int end(List<Pattern> prefixes, String line, int from) {
    for (Pattern prefix : prefixes) {
      Matcher found = prefix.matcher(line).region(from, line.length());
      if (found.lookingAt()) {
        return found.end();
      }
    }
    return from;
  }

  /** A line without all its prefixes, white space at its end and its carriage return. */
  static String strip(String line) {
    int from = 0;
    for (int i = 0; i < MAX_PREFIXES; i++) {
      int to = end(line, from);
      if (to == from) {
        break;
      }
      from = to;
    }
    return line.substring(from).stripTrailing();
  }

  /**
   * A line without quote marks, log prefixes and its carriage return. What looks like a number of
   * grep is left: the names of PCI devices begin so.
   */
  static String stripMarks(String line) {
    int from = 0;
    for (int i = 0; i < MAX_PREFIXES; i++) {
      int to = end(MARKS, line, from);
      if (to == from) {
        break;
      }
      from = to;
    }
    return line.substring(from).stripTrailing();
  }

  /** How many prefixes one after the other are taken off. */
  static int most() {
    return MAX_PREFIXES;
  }
}
