// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.terminal;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** How wide the terminal is. The JDK does not say it, and {@code stty} does. */
final class TerminalWidth {
  private static final int USUAL = 80;

  private TerminalWidth() {}

  static int ask() {
    try {
      Process stty =
          new ProcessBuilder("stty", "size")
              .redirectInput(new File("/dev/tty"))
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String said = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      return parse(said);
    } catch (IOException notThere) {
      return USUAL;
    }
  }

  /** Reads rows and columns; 0 columns, as of a serial line, and what says nothing, are 80. */
  static int parse(String said) {
    String[] words = said.strip().split(" ", -1);
    try {
      int columns = words.length == 2 ? Integer.parseInt(words[1]) : 0;
      return columns > 0 ? columns : USUAL;
    } catch (NumberFormatException e) {
      return USUAL;
    }
  }
}
