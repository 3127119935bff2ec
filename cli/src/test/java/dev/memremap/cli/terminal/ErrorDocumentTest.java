// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.cli.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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

  /** An error that has no words, for want of room. */
  private static final class Greedy extends OutOfMemoryError {
    private static final long serialVersionUID = 1L;

    @Override
    public String getMessage() {
      throw new StackOverflowError("again");
    }
  }

  private static CommandRun runBelow(Throwable failure, String... words) {
    CommandLine root = new CommandLine(CommandSpec.create().name("memremap"));
    CommandLine below = new CommandLine(new AnswersAndFails(failure)).setCommandName("explain");
    root.addSubcommand("explain", below);
    return CommandRun.of(Terminal.attach(root), words);
  }

  @Test
  @DisplayName("the document of an error of the JVM names the subcommand that met it")
  void named() {
    for (Throwable failure : List.of(new StackOverflowError(), new OutOfMemoryError("heap"))) {
      CommandRun run = runBelow(failure, "explain", "--json");
      assertThat(run.json().path("command").asString("none")).isEqualTo("explain");
      assertThat(run.json().at("/error/status").asInt()).isEqualTo(2);
    }
  }

  @Test
  @DisplayName("without room for a document, a sentence stands there, and no stack trace")
  void noRoom() {
    CommandRun run = runBelow(new Greedy(), "explain", "--json");
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .startsWith("memremap: the JVM ran out of memory or stack")
        .hasLineCount(1);
  }

  private static NoClassDefFoundError missing(String name) {
    NoClassDefFoundError missing = new NoClassDefFoundError(name.replace('.', '/'));
    missing.initCause(new ClassNotFoundException(name));
    return missing;
  }

  /** An error whose words need a class that no jar has. */
  private static final class Halved extends OutOfMemoryError {
    private static final long serialVersionUID = 1L;

    @Override
    public String getMessage() {
      throw missing("dev.memremap.rule.PlainText");
    }
  }

  @Test
  @DisplayName("a class that no jar has is said, whichever error it is: the installation lacks it")
  void incomplete() {
    CommandRun first = runBelow(missing("dev.memremap.plan.Plan"), "explain", "--json");
    assertThat(first.status()).isEqualTo(2);
    assertThat(first.json().at("/error/message").asString())
        .startsWith("this installation is incomplete or damaged, no class dev.memremap.plan.Plan");
    assertThat(runBelow(new Halved(), "explain").err())
        .startsWith("memremap: this installation is incomplete or damaged, no class dev.memremap")
        .hasLineCount(1);
    assertThat(runBelow(new NoClassDefFoundError("Could not initialize class A"), "explain").err())
        .contains("mistake in memremap itself");
  }

  @Test
  @DisplayName("a message of several lines is one line of the document, and none is empty")
  void lines() {
    CommandRun several = run(new IllegalArgumentException("it is odd:\n  a\n\n  b\n"), "--json");
    assertThat(several.json().at("/error/message").asString()).isEqualTo("it is odd:; a; b");
    CommandRun silent = run(new IllegalArgumentException(""), "--json");
    assertThat(silent.json().at("/error/message").asString())
        .startsWith("this is a mistake in memremap itself");
  }

  @Test
  @DisplayName("--json=true asks for a document as --json does, and --json=false for none")
  void written() {
    IllegalArgumentException failure = new IllegalArgumentException("it is odd");
    assertThat(run(failure, "--json=true").json().at("/error/message").asString())
        .isEqualTo("it is odd");
    assertThat(run(failure, "--json=false").out())
        .isEqualTo("{\"version\": 1, \"command\": \"none\"}\n");
  }

  @Test
  @DisplayName("a word that begins with @ is not a file of words")
  void atFile(@TempDir Path folder) throws IOException {
    Path words = Files.writeString(folder.resolve("words"), "--no-such-option");
    CommandRun run = run(new IllegalArgumentException("it is odd"), "@" + words);
    assertThat(run.out()).isEqualTo("{\"version\": 1, \"command\": \"none\"}\n");
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
