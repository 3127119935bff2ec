// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The {@code memremap} command. */
@Command(
    name = "memremap",
    mixinStandardHelpOptions = true,
    description = "Remap memory that is not the heap, and ask why a memory map answers as it does.")
public final class MemremapCommand {
  private MemremapCommand() {}

  /** Runs the command and exits with its status. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new MemremapCommand()).execute(args));
  }
}
