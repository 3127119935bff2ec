// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.terminal;

import dev.memremap.conformance.GuestException;
import dev.memremap.rule.MemremapException;
import dev.memremap.scenario.ScenarioSyntaxException;
import java.io.UncheckedIOException;
import picocli.CommandLine;

/** What a user reads when a command fails: a sentence, never a stack trace. */
final class Failure {
  private Failure() {}

  static int answer(Throwable failure, CommandLine line) {
    String prefix = line.getCommandSpec().root().name() + ": ";
    String sentence =
        switch (failure) {
          case MemremapException e -> e.getMessage();
          case ScenarioSyntaxException e -> e.getMessage();
          case IllegalArgumentException e -> e.getMessage();
          case UncheckedIOException e -> e.getMessage();
          case GuestException e -> e.getMessage();
          case InterruptedException e -> "interrupted";
          case OutOfMemoryError e ->
              "the JVM ran out of memory (%s); JDK_JAVA_OPTIONS=-Xmx4g gives it more"
                  .formatted(e.getMessage());
          case StackOverflowError e ->
              "the JVM ran out of stack; JDK_JAVA_OPTIONS=-Xss64m gives it more";
          case UnsupportedOperationException e -> String.valueOf(e.getMessage());
          default ->
              "this is a mistake in memremap itself, please report it: %s (-Dmemremap.debug=true in JAVA_TOOL_OPTIONS shows where)"
                  .formatted(failure);
        };
    line.getErr().println(line.getColorScheme().errorText(prefix + sentence));
    if (Boolean.getBoolean("memremap.debug")) {
      failure.printStackTrace(line.getErr());
    }
    return failure instanceof MemremapException || failure instanceof UnsupportedOperationException
        ? ExitStatus.REFUSED
        : ExitStatus.UNUSABLE;
  }
}
