// SPDX-License-Identifier: Apache-2.0
package dev.memremap.thorough;

import java.io.IOException;
import java.util.List;

/**
 * A part of the long tests that runs by itself, in a JVM of its own.
 *
 * @param name what it runs, unique among all pieces
 * @param module the folder of the module it belongs to, which is its working directory
 * @param seconds how long it takes on two quiet cores, as measured
 * @param command makes its command line
 */
record Piece(String name, String module, int seconds, Command command) {

  Piece {
    if (seconds <= 0) {
      throw new IllegalArgumentException(name + " must take a second or more, not " + seconds);
    }
  }

  /** Makes a command line once the modules are built. */
  @FunctionalInterface
  interface Command {
    /**
     * The arguments that follow {@code java}.
     *
     * @throws IOException if what the build left cannot be read
     */
    List<String> arguments(BuiltModule module) throws IOException;
  }
}
