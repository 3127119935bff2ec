// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.command;

import dev.memremap.cli.terminal.ColourOption;
import dev.memremap.cli.terminal.CompletionCommand;
import dev.memremap.cli.terminal.ExitStatus;
import dev.memremap.cli.terminal.Terminal;
import dev.memremap.cli.terminal.Version;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The {@code memremap-dev} command. */
@Command(
    name = "memremap-dev",
    versionProvider = Version.class,
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Measure the library beside its peers, or beside another version of itself.",
    exitCodeListHeading = ExitStatus.HEADING,
    exitCodeList = {
      ExitStatus.OK_TEXT,
      ExitStatus.REFUSED_IF + "A benchmark failed.",
      ExitStatus.UNUSABLE_TEXT,
      ExitStatus.OUTPUT_LOST_TEXT,
      ExitStatus.INTERRUPTED_TEXT
    },
    subcommands = {BenchCommand.class, CompletionCommand.class, HelpCommand.class})
public final class MemremapDevCommand implements Runnable {
  @Spec private CommandSpec spec;

  @SuppressWarnings("UnusedVariable") // picocli reads it
  @Mixin
  private ColourOption colour;

  MemremapDevCommand() {
    this.colour = new ColourOption();
  }

  /** Runs the command and exits with its status. */
  public static void main(String[] args) {
    System.exit(run(args));
  }

  private static int run(String... args) {
    try {
      Terminal.settle("memremap-dev");
      return Terminal.execute(commandLine(), args);
    } catch (Error e) {
      return Terminal.unmade(e);
    }
  }

  /**
   * The command and its subcommands, which print what the terminal can show and answer failures in
   * a sentence.
   */
  static CommandLine commandLine() {
    return Terminal.attach(new CommandLine(new MemremapDevCommand()));
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Name a subcommand, such as bench.");
  }
}
