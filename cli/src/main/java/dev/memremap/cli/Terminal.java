// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import java.io.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Whether somebody watches: colours and bars that are drawn over are for terminals, and files and
 * pipes get neither.
 */
final class Terminal {
  private static final Path STANDARD_ERROR = Path.of("/proc/self/fd/2");

  private Terminal() {}

  /** Whether standard input and output are a terminal's, and standard error, too. */
  // null again since 25, where the console of java.base is the default
  @SuppressWarnings("SystemConsoleNull")
  static boolean isWatched() {
    Console console = System.console();
    return console != null && console.isTerminal() && isErrorWatched();
  }

  /** Whether standard error is a terminal's; cheap enough for every start of the command. */
  static boolean isErrorWatched() {
    return isTerminal(STANDARD_ERROR);
  }

  /**
   * Whether an open file is a terminal. The JDK looks at standard input and output alone.
   *
   * @param descriptor its link below {@code /proc}; where that is missing, the answer is yes
   */
  static boolean isTerminal(Path descriptor) {
    try {
      String target = Files.readSymbolicLink(descriptor).toString();
      return target.startsWith("/dev/pts/")
          || target.startsWith("/dev/tty")
          || target.equals("/dev/console");
    } catch (IOException | UnsupportedOperationException noProc) {
      return true;
    }
  }
}
