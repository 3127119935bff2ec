// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.terminal;

import java.util.Map;

/**
 * What a user's environment variables say of what is printed.
 *
 * @param variables by their names
 */
record Environment(Map<String, String> variables) {
  private static final int USUAL_WIDTH = 80;

  static Environment ofProcess() {
    return new Environment(System.getenv());
  }

  private String value(String name) {
    return variables.getOrDefault(name, "");
  }

  /**
   * How many characters a line may have: COLUMNS, which the launcher sets to the terminal's width
   * where the user has not; without it the usual ones of a terminal, or no limit elsewhere.
   */
  int width(boolean isTerminal) {
    try {
      int columns = Integer.parseInt(value("COLUMNS"));
      if (columns > 0) {
        return columns;
      }
    } catch (NumberFormatException unset) {
      // as if it were not there
    }
    return isTerminal ? USUAL_WIDTH : Integer.MAX_VALUE;
  }

  /** The letters of the locale, of which C and POSIX have ASCII's, and so has none at all. */
  Letters letters() {
    String locale = value("LC_ALL");
    locale = locale.isEmpty() ? value("LC_CTYPE") : locale;
    locale = locale.isEmpty() ? value("LANG") : locale;
    return switch (locale) {
      case "", "C", "POSIX" -> Letters.ASCII;
      default -> Letters.UTF_8;
    };
  }

  /** Whether a terminal understands colours, and its user wants them. */
  boolean allowsColours() {
    return value("NO_COLOR").isEmpty() && allowsRedrawing();
  }

  /** Whether a terminal understands more than letters and ends of lines. */
  boolean allowsRedrawing() {
    String terminal = value("TERM");
    return !terminal.isEmpty() && !terminal.equals("dumb");
  }
}
