// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.terminal;

import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine;

/**
 * Whether somebody watches: colours and bars that are drawn over are for terminals, and files and
 * pipes get neither.
 */
public final class Terminal {
  static final Path STANDARD_OUT = Path.of("/proc/self/fd/1");
  private static final Path STANDARD_ERROR = Path.of("/proc/self/fd/2");

  private static final Handler HANDLER = new Handler();

  private Terminal() {}

  /**
   * Makes a command print UTF-8, colour what it prints where that is watched, and answer failures
   * in a sentence that begins with its name.
   */
  public static CommandLine attach(CommandLine command) {
    for (CommandLine each : command.getSubcommands().values()) {
      // picocli lets a command that helps take any words
      each.getCommandSpec().helpCommand(each.getCommand() instanceof CommandLine.HelpCommand);
    }
    return command
        .setOut(Output.standard())
        .setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8))
        .setColorScheme(
            CommandLine.Help.defaultColorScheme(
                isErrorWatched() ? CommandLine.Help.Ansi.AUTO : CommandLine.Help.Ansi.OFF))
        .setParameterExceptionHandler(HANDLER)
        .setExecutionExceptionHandler(HANDLER);
  }

  /**
   * Prints an error that a command has said on standard error itself, as a document on standard
   * output, if JSON was asked for.
   */
  public static void printError(CommandLine command, int status, String sentence) {
    Failure.printError(command, status, sentence, null);
  }

  /** One class for both, which costs a start less than two lambdas. */
  private static final class Handler
      implements CommandLine.IParameterExceptionHandler, CommandLine.IExecutionExceptionHandler {
    @Override
    public int handleParseException(CommandLine.ParameterException failure, String[] words) {
      return Failure.usage(failure);
    }

    @Override
    public int handleExecutionException(
        Exception failure, CommandLine line, CommandLine.ParseResult parsed) {
      return Failure.answer(failure, line);
    }
  }

  /**
   * Runs a command, and answers an error of the JVM, which no handler of picocli's sees, in a
   * sentence as well. Then looks whether all that was printed could be written.
   *
   * @return the exit status
   */
  public static int execute(CommandLine command, String... words) {
    int status;
    if (asksForJson(words) && command.getOut() instanceof Output out) {
      out.keepDocument();
    }
    try {
      status = command.execute(words);
    } catch (Error e) {
      status = Failure.answer(e, command);
    }
    return command.getOut() instanceof Output out
        ? out.finish(status, command.getErr(), command.getCommandName())
        : status;
  }

  /** Whether JSON is asked for, also in words that a command cannot read otherwise. */
  private static boolean asksForJson(String... words) {
    for (String word : words) {
      if (word.equals("--")) {
        return false;
      }
      if (word.equals("--json")) {
        return true;
      }
    }
    return false;
  }

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
   * How many characters a line on standard output may have so that it is not broken: what the
   * terminal shows, or no limit where the output is no terminal's.
   */
  public static int width() {
    return isTerminal(STANDARD_OUT) ? TerminalWidth.ask() : Integer.MAX_VALUE;
  }

  /**
   * Whether an open file is a pipe or a socket, whose reader may go.
   *
   * @param descriptor its link below {@code /proc}; where that is missing, the answer is no
   */
  static boolean isPipe(Path descriptor) {
    try {
      String target = Files.readSymbolicLink(descriptor).toString();
      return target.startsWith("pipe:") || target.startsWith("socket:");
    } catch (IOException | UnsupportedOperationException noProc) {
      return false;
    }
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
