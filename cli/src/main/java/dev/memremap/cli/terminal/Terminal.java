// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.terminal;

import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine;

/**
 * Whether somebody watches: colours and bars that are drawn over are for terminals, and files and
 * pipes get neither.
 */
public final class Terminal {
  static final Path STANDARD_OUT = Path.of("/proc/self/fd/1");
  private static final Path STANDARD_ERROR = Path.of("/proc/self/fd/2");

  private Terminal() {}

  /**
   * Settles what holds for the whole process, before a command is made.
   *
   * @param name the command's name
   */
  public static void settle(String name) {
    // a warning of the library is one line among the command's own
    System.setProperty("java.util.logging.SimpleFormatter.format", name + ": %5$s%n");
    // sentences are English, and so are their digits
    Locale.setDefault(Locale.ROOT);
    // picocli would look for Groovy in every jar of the class path
    System.setProperty("picocli.disable.closures", "true");
  }

  /**
   * Makes a command print in the letters of the user's locale, colour what it prints where that is
   * watched, and answer failures in a sentence that begins with its name.
   */
  public static CommandLine attach(CommandLine command) {
    for (CommandLine each : command.getSubcommands().values()) {
      // a help command takes any words; picocli calls generate-completion one, too
      each.getCommandSpec()
          .helpCommand(each.getCommand() instanceof CommandLine.HelpCommand)
          .version(command.getCommandSpec().version());
    }
    Environment environment = Environment.ofProcess();
    Letters letters = environment.letters();
    Handler handler = new Handler(environment);
    return command
        // a word that begins with @ is a word, and no file of further words
        .setExpandAtFiles(false)
        .registerConverter(Path.class, new FileName())
        .setOut(Output.standard(letters))
        .setErr(new LetterWriter(System.err, letters))
        .setColorScheme(handler.scheme(STANDARD_OUT))
        .setParameterExceptionHandler(handler)
        .setExecutionExceptionHandler(handler);
  }

  /** Colours what a command and its subcommands print at other times. */
  static void colour(CommandLine command, ColourOption.When when) {
    if (command.getExecutionExceptionHandler() instanceof Handler handler) {
      handler.when = when;
      command.setColorScheme(handler.scheme(STANDARD_OUT));
    }
  }

  /** The letters that a command's output is printed in. */
  public static Letters letters(PrintWriter out) {
    return out instanceof LetterWriter writer ? writer.letters() : Letters.UTF_8;
  }

  /**
   * Prints an error that a command has said on standard error itself, as a document on standard
   * output, if JSON was asked for.
   */
  public static void printError(CommandLine command, int status, String sentence) {
    Failure.printError(command, status, sentence, null);
  }

  /** The name of a file, which an empty word is not: it would be the current folder. */
  private static final class FileName implements CommandLine.ITypeConverter<Path> {
    @Override
    public Path convert(String word) {
      if (word.isEmpty()) {
        throw new CommandLine.TypeConversionException("'' names no file");
      }
      return Path.of(word);
    }
  }

  /** One class for both, which costs a start less than two lambdas. */
  private static final class Handler
      implements CommandLine.IParameterExceptionHandler, CommandLine.IExecutionExceptionHandler {
    private final Environment environment;
    private ColourOption.When when = ColourOption.When.AUTO;

    Handler(Environment environment) {
      this.environment = environment;
    }

    /** The colours of an open file. */
    CommandLine.Help.ColorScheme scheme(Path descriptor) {
      boolean coloured =
          switch (when) {
            case ALWAYS -> true;
            case AUTO -> environment.allowsColours() && isTerminal(descriptor);
            case NEVER -> false;
          };
      return CommandLine.Help.defaultColorScheme(
          coloured ? CommandLine.Help.Ansi.ON : CommandLine.Help.Ansi.OFF);
    }

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

  /** The colours of what a command says on standard error, which may be no terminal's. */
  static CommandLine.Help.ColorScheme errorScheme(CommandLine line) {
    return line.getErr() instanceof LetterWriter
            && line.getExecutionExceptionHandler() instanceof Handler handler
        ? handler.scheme(STANDARD_ERROR)
        : line.getColorScheme();
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
      status = Failure.answerError(e, last(command));
    }
    return command.getOut() instanceof Output out
        ? out.finish(status, command.getErr(), command.getCommandName())
        : status;
  }

  /**
   * Answers an error of the JVM that came while a command was made, in a sentence.
   *
   * @return the exit status
   */
  public static int unmade(Error failure) {
    return Failure.answerEarly(failure);
  }

  /** The subcommand that the words named, as far as they were read; without one the command. */
  private static CommandLine last(CommandLine command) {
    CommandLine last = command;
    CommandLine.ParseResult parsed = command.getParseResult();
    while (parsed != null && parsed.hasSubcommand()) {
      parsed = parsed.subcommand();
      last = parsed.commandSpec().commandLine();
    }
    return last;
  }

  /** Whether JSON is asked for, also in words that a command cannot read otherwise. */
  private static boolean asksForJson(String... words) {
    for (String word : words) {
      if (word.equals("--")) {
        return false;
      }
      if (word.equals("--json") || word.equalsIgnoreCase("--json=true")) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether standard input and output are a terminal's, and standard error, too, and it can draw
   * over what it shows.
   */
  static boolean isWatched() {
    return Environment.ofProcess().allowsRedrawing() && isConsole() && isTerminal(STANDARD_ERROR);
  }

  /**
   * How many characters a line of a command's output may have so that it is not broken: COLUMNS, or
   * what a terminal usually shows, or no limit where the output is not a terminal's.
   */
  public static int width(PrintWriter out) {
    return out instanceof Output output && output.isStandard()
        ? Environment.ofProcess().width(isTerminal(STANDARD_OUT))
        : Integer.MAX_VALUE;
  }

  /**
   * Whether an open file is a pipe or a socket, whose reader may go.
   *
   * @param descriptor its link below {@code /proc}; false if that is missing
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
   * @param descriptor its link below {@code /proc}; where that is missing, the answer is the JDK's
   */
  static boolean isTerminal(Path descriptor) {
    try {
      String target = Files.readSymbolicLink(descriptor).toString();
      return target.startsWith("/dev/pts/")
          || target.startsWith("/dev/tty")
          || target.equals("/dev/console");
    } catch (IOException | UnsupportedOperationException noProc) {
      return isConsole();
    }
  }

  /** Whether standard input and output are a terminal's. */
  // null again since 25, where the console of java.base is the default
  @SuppressWarnings("SystemConsoleNull")
  private static boolean isConsole() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }
}
