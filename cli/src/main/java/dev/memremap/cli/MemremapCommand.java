// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.cli.terminal.ColourOption;
import dev.memremap.cli.terminal.CompletionCommand;
import dev.memremap.cli.terminal.ExitStatus;
import dev.memremap.cli.terminal.Terminal;
import dev.memremap.cli.terminal.Version;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The {@code memremap} command. */
@Command(
    name = "memremap",
    versionProvider = Version.class,
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Remap memory that is not the heap, and ask why a memory map answers as it does.",
    exitCodeListHeading = ExitStatus.HEADING,
    exitCodeList = {
      ExitStatus.OK_TEXT,
      ExitStatus.REFUSED_IF
          + "The answer is no, a comparison found a difference, or a read or a write was refused.",
      ExitStatus.UNUSABLE_TEXT,
      ExitStatus.OUTPUT_LOST_TEXT,
      ExitStatus.INTERRUPTED_TEXT
    },
    subcommands = {
      RunCommand.class,
      IomemCommand.class,
      WhatCommand.class,
      DevicesCommand.class,
      ExplainCommand.class,
      PagesCommand.class,
      PlanCommand.class,
      RuleCommand.class,
      RecordCommand.class,
      ReadCommand.class,
      WriteCommand.class,
      ServeCommand.class,
      PagerCommand.class,
      ConformanceCommand.class,
      DoctorCommand.class,
      CompletionCommand.class,
      HelpCommand.class
    })
public final class MemremapCommand implements Runnable {
  @Spec private CommandSpec spec;

  @SuppressWarnings("UnusedVariable") // picocli reads it
  @Mixin
  private ColourOption colour;

  MemremapCommand() {
    this.colour = new ColourOption();
  }

  /** Runs the command and exits with its status. */
  public static void main(String[] args) {
    int status = run(args);
    // a JVM that ends by itself ends with 0; exit() would first look for a logger in every jar
    if (status != ExitStatus.OK) {
      System.exit(status);
    }
  }

  /** Runs the command, and returns its exit status. */
  public static int run(String... args) {
    try {
      Terminal.settle("memremap");
      return Terminal.execute(commandLine(args), args);
    } catch (Error e) {
      return Terminal.unmade(e);
    }
  }

  /**
   * The command and its subcommands, which print what the terminal can show and answer failures in
   * a sentence.
   */
  static CommandLine commandLine() {
    return Terminal.attach(new CommandLine(new MemremapCommand()));
  }

  /**
   * The command with no more than these words need: reading the annotations of every subcommand
   * takes longer than most subcommands run.
   */
  static CommandLine commandLine(String... args) {
    Object named = args.length == 0 ? null : named(args[0]);
    boolean isVersion = args.length == 1 && (args[0].equals("--version") || args[0].equals("-V"));
    if (named == null && !isVersion) {
      return commandLine();
    }
    CommandLine root = new CommandLine(new Root());
    if (named == null) {
      root.getCommandSpec().mixinStandardHelpOptions(true);
    } else {
      root.addSubcommand(args[0], new CommandLine(named));
    }
    return Terminal.attach(root);
  }

  /** The command without its subcommands. */
  @Command(name = "memremap", versionProvider = Version.class)
  private static final class Root {
    @SuppressWarnings("UnusedVariable") // picocli reads it
    @Mixin
    private ColourOption colour;

    Root() {
      this.colour = new ColourOption();
    }
  }

  /** The subcommand of that name, or null for one that needs its siblings, or none. */
  private static @Nullable Object named(String word) {
    return switch (word) {
      case "run" -> new RunCommand();
      case "iomem" -> new IomemCommand();
      case "what" -> new WhatCommand();
      case "devices" -> new DevicesCommand();
      case "explain" -> new ExplainCommand();
      case "pages" -> new PagesCommand();
      case "plan" -> new PlanCommand();
      case "rule" -> new RuleCommand();
      case "record" -> new RecordCommand();
      case "read" -> new ReadCommand();
      case "write" -> new WriteCommand();
      case "serve" -> new ServeCommand();
      case "pager" -> new PagerCommand();
      case "conformance" -> new ConformanceCommand();
      case "doctor" -> new DoctorCommand();
      default -> null;
    };
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "Name a subcommand, such as run, iomem or explain.");
  }
}
