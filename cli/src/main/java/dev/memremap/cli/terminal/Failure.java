// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.terminal;

import dev.memremap.cli.json.ErrorJson;
import dev.memremap.cli.json.JsonDocument;
import dev.memremap.conformance.GuestException;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.PlainText;
import dev.memremap.scenario.ScenarioSyntaxException;
import java.io.UncheckedIOException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** What a user reads when a command fails: a sentence, never a stack trace. */
final class Failure {
  private static final String OUT_OF_ROOM =
      "memremap: the JVM ran out of memory or stack, and has too little for more than this";

  private Failure() {}

  static int answer(Throwable failure, CommandLine line) {
    String said = sentence(failure, line);
    String sentence = said == null || said.isBlank() ? mistake(failure) : said;
    int status = status(failure);
    say(sentence, line);
    printError(line, status, sentence, failure);
    if (Boolean.getBoolean("memremap.debug")) {
      failure.printStackTrace(line.getErr());
    }
    return status;
  }

  /**
   * Answers an error of the JVM, which may meet another one on the way: a sentence about that one
   * then stands in place of the document.
   */
  static int answerError(Error failure, CommandLine line) {
    try {
      return answer(failure, line);
    } catch (Error second) {
      if (line.getOut() instanceof Output out && out.keepsDocument()) {
        out.dropDocument();
      }
      line.getErr().println(second(second));
      return ExitStatus.UNUSABLE;
    }
  }

  /** Answers an error of the JVM that came before there was a command. */
  static int answerEarly(Error failure) {
    boolean isRoom = failure instanceof VirtualMachineError;
    System.err.println(
        isRoom || MissingClass.sentence(failure).isPresent()
            ? second(failure)
            : "memremap: " + mistake(failure));
    return ExitStatus.UNUSABLE;
  }

  /** What an error on the way says, with as little as can be: no colour, and no words of it. */
  private static String second(Error failure) {
    return MissingClass.sentence(failure).map(said -> "memremap: " + said).orElse(OUT_OF_ROOM);
  }

  private static @Nullable String sentence(Throwable failure, CommandLine line) {
    return switch (failure) {
      case UsageException e -> withHelp(String.valueOf(e.getMessage()), line);
      case MemremapException e -> e.getMessage();
      case RefusedException e -> e.getMessage();
      case OutputException e -> e.getMessage();
      case ScenarioSyntaxException e -> e.getMessage();
      case IllegalArgumentException e -> e.getMessage();
      case UncheckedIOException e -> e.getMessage();
      case GuestException e -> lowered(String.valueOf(e.getMessage()));
      case UnsupportedOperationException e -> e.getMessage();
      case InterruptedException e -> "interrupted";
      case OutOfMemoryError e ->
          "the JVM ran out of memory (%s); JDK_JAVA_OPTIONS=-Xmx4g gives it more"
              .formatted(e.getMessage());
      case StackOverflowError e ->
          "the JVM ran out of stack; JDK_JAVA_OPTIONS=-Xss64m gives it more";
      default -> MissingClass.sentence(failure).orElseGet(() -> mistake(failure));
    };
  }

  private static String mistake(Throwable failure) {
    return "this is a mistake in memremap itself, please report it: %s (-Dmemremap.debug=true in JAVA_TOOL_OPTIONS shows where)"
        .formatted(failure);
  }

  /** Prints the error as a document on standard output, if JSON was asked for. */
  static void printError(
      CommandLine line, int status, String sentence, @Nullable Throwable failure) {
    if (line.getOut() instanceof Output out && out.keepsDocument()) {
      boolean isNamed = line.getParent() != null;
      out.replaceDocument(
          JsonDocument.text(
              ErrorJson.document(
                  isNamed ? line.getCommandName() : null, status, sentence, failure)));
    }
  }

  private static int status(Throwable failure) {
    return switch (failure) {
      case MemremapException e -> ExitStatus.REFUSED;
      case RefusedException e -> ExitStatus.REFUSED;
      case UnsupportedOperationException e -> ExitStatus.REFUSED;
      case OutputException e -> ExitStatus.OUTPUT_LOST;
      case InterruptedException e -> ExitStatus.INTERRUPTED;
      default -> ExitStatus.UNUSABLE;
    };
  }

  /** Words that picocli cannot read: its sentence in the style of ours, and where the help is. */
  static int usage(ParameterException failure) {
    CommandLine line = failure.getCommandLine();
    String helped = withHelp(UsageSentence.of(failure), line);
    say(helped, line);
    printError(line, ExitStatus.UNUSABLE, helped, null);
    return ExitStatus.UNUSABLE;
  }

  static String lowered(String sentence) {
    String ended = sentence.endsWith(".") ? sentence.substring(0, sentence.length() - 1) : sentence;
    // a word in capitals, such as FILE, stays
    boolean isWord = ended.length() > 1 && Character.isLowerCase(ended.charAt(1));
    return isWord ? Character.toLowerCase(ended.charAt(0)) + ended.substring(1) : ended;
  }

  private static String withHelp(String sentence, CommandLine line) {
    return "%s (see '%s --help')".formatted(sentence, line.getCommandSpec().qualifiedName());
  }

  private static void say(String sentence, CommandLine line) {
    String prefix = line.getCommandSpec().root().name() + ": ";
    String shown = sentence.lines().map(PlainText::of).collect(Collectors.joining("\n"));
    line.getErr().println(Terminal.errorScheme(line).errorText(prefix + shown));
  }
}
