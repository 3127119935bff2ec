// SPDX-License-Identifier: Apache-2.0
package dev.memremap.reading;

import java.util.List;
import java.util.function.ToIntBiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What stands before a line when it was quoted, logged, or found by grep: {@code "> "}, {@code "[
 * 12.34] "}, {@code "Nov 3 10:11:12 host kernel: "}, {@code "12:"}; and the bars of a table's row.
 */
final class LinePrefix {
  private static final int MAX_PREFIXES = 8;
  private static final String BAR = "|";

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

  /**
   * A row of a table without the bar that closes it, if a bar opens it, too; any other line as it
   * is.
   */
  static String withoutClosingBar(String line) {
    String row = line.stripTrailing();
    return row.endsWith(BAR) && isOpenedByBar(row)
        ? row.substring(0, row.length() - BAR.length()).stripTrailing()
        : line;
  }

  /** Whether a bar is among the prefixes, which is not the last character. */
  private static boolean isOpenedByBar(String row) {
    int from = 0;
    for (int i = 0; i < MAX_PREFIXES; i++) {
      int to = end(MARKS, row, from);
      if (row.substring(from, to).contains(BAR)) {
        return to < row.length();
      }
      if (to == from) {
        return false;
      }
      from = to;
    }
    return false;
  }

  /** A line without all its prefixes, white space at its end and its carriage return. */
  static String strip(String row) {
    return strip(row, LinePrefix::end);
  }

  /**
   * A line without quote marks, log prefixes and its carriage return. What looks like a number of
   * grep is left: the names of PCI devices begin so.
   */
  static String stripMarks(String row) {
    return strip(row, (line, from) -> end(MARKS, line, from));
  }

  /**
   * A line without the prefixes that stand at its beginning one after the other.
   *
   * @param end where the prefix ends that begins at an index; that index if none does
   */
  private static String strip(String row, ToIntBiFunction<String, Integer> end) {
    String line = withoutClosingBar(row);
    int from = 0;
    for (int i = 0; i < MAX_PREFIXES; i++) {
      int to = end.applyAsInt(line, from);
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
