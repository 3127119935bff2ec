// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.terminal;

import java.util.Optional;

/** A class of ours that no jar has: a jar is missing, or a part of it. */
public final class MissingClass {
  private MissingClass() {}

  /** Says so; empty for any other failure, also for a class that is there and fails to start. */
  public static Optional<String> sentence(Throwable failure) {
    return failure instanceof NoClassDefFoundError
            && failure.getCause() instanceof ClassNotFoundException
        ? Optional.of(
            "this installation is incomplete or damaged, no class "
                + String.valueOf(failure.getMessage()).replace('/', '.')
                + " is found in its jars; unpack, install or build it again")
        : Optional.empty();
  }
}
