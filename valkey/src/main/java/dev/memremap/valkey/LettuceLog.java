// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * What Lettuce and netty log. Without SLF4J it goes to the JDK's log, and from there to standard
 * error: a line for each attempt to connect. What matters of it, exceptions say. So it is silent
 * there, unless its level is set.
 */
final class LettuceLog {
  /** Held, or their levels would go with them. */
  private static final List<Logger> LOGS =
      List.of(Logger.getLogger("io.lettuce"), Logger.getLogger("io.netty"));

  private LettuceLog() {}

  /** To be called before Lettuce is. */
  static void silence() {
    for (Logger each : LOGS) {
      if (each.getLevel() == null) {
        each.setLevel(Level.OFF);
      }
    }
  }
}
