// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.cli.CommandRun;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What stands on standard output where JSON is asked for and a command fails. */
class ErrorDocumentTest {
  /** A command that answers, and fails behind its answer. */
  @Command(name = "memremap")
  private static final class AnswersAndFails implements Callable<Integer> {
    @Spec private CommandSpec spec;
    private final Throwable failure;

    @Option(names = "--json")
    private boolean json;

    @Parameters private String[] words = {};

    AnswersAndFails(Throwable failure) {
      this.failure = failure;
    }

    @Override
    public Integer call() throws Exception {
      spec.commandLine().getOut().println("{\"version\": 1, \"command\": \"none\"}");
      switch (failure) {
        case Error error -> throw error;
        case Exception exception -> throw exception;
        default -> throw new IllegalStateException(failure);
      }
    }
  }

  private static CommandRun run(Throwable failure, String... words) {
    return CommandRun.of(Terminal.attach(new CommandLine(new AnswersAndFails(failure))), words);
  }

  static Stream<Arguments> failures() {
    return Stream.of(
        Arguments.of(new IllegalArgumentException("it is odd"), 2, "it is odd"),
        Arguments.of(new RefusedException("not that"), 1, "not that"),
        Arguments.of(new InterruptedException(), 130, "interrupted"),
        Arguments.of(
            new StackOverflowError(),
            2,
            "the JVM ran out of stack; JDK_JAVA_OPTIONS=-Xss64m gives it more"));
  }

  @ParameterizedTest
  @MethodSource("failures")
  @DisplayName("an error behind an answer takes its place: one document, with the exit status")
  void inItsPlace(Throwable failure, int status, String message) {
    CommandRun run = run(failure, "--json");
    assertThat(run.status()).isEqualTo(status);
    assertThat(run.err()).isEqualTo("memremap: " + message + "\n");
    assertThat(run.json().at("/error/status").asInt()).isEqualTo(status);
    assertThat(run.json().at("/error/message").asString()).isEqualTo(message);
  }

  @Test
  @DisplayName("without --json, or with it behind --, what was printed stands, and the error not")
  void asText() {
    for (String[] words : new String[][] {{}, {"--", "--json"}}) {
      CommandRun run = run(new IllegalArgumentException("it is odd"), words);
      assertThat(run.status()).isEqualTo(2);
      assertThat(run.out()).isEqualTo("{\"version\": 1, \"command\": \"none\"}\n");
    }
  }
}
