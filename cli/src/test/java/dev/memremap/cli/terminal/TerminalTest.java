// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.cli.CommandRun;
import dev.memremap.cli.MemremapCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;

class TerminalTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "/dev/pts/3, true",
    "/dev/tty1, true",
    "/dev/console, true",
    "/dev/null, false",
    "pipe:[123], false",
    "/tmp/err.log, false"
  })
  @DisplayName("an open file is a terminal by what its link names")
  void link(String target, boolean terminal) throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("2"), Path.of(target));
    assertThat(Terminal.isTerminal(link)).isEqualTo(terminal);
    Files.delete(link); // JUnit warns of a link that leads out of its folder
  }

  /** A command that needs more than the JVM has. */
  @Command(name = "memremap")
  private record Greedy(Error error) implements Callable<Integer> {
    @Override
    public Integer call() {
      throw error;
    }
  }

  private static List<Arguments> errors() {
    return List.of(
        Arguments.of(
            new OutOfMemoryError("Java heap space"),
            "ran out of memory (Java heap space); JDK_JAVA_OPTIONS=-Xmx4g gives it more"),
        Arguments.of(
            new StackOverflowError(), "ran out of stack; JDK_JAVA_OPTIONS=-Xss64m gives it more"),
        Arguments.of(new AssertionError("odd"), "please report it: java.lang.AssertionError: odd"));
  }

  @ParameterizedTest
  @MethodSource("errors")
  @DisplayName("an error of the JVM is said in a sentence, and is not a refusal")
  void errors(Error error, String said) {
    CommandRun ran = CommandRun.of(Terminal.attach(new CommandLine(new Greedy(error))));
    assertThat(ran.err()).startsWith("memremap: ").contains(said).hasLineCount(1);
    assertThat(ran.status()).isEqualTo(ExitStatus.UNUSABLE);
  }

  @Test
  @DisplayName("where standard error is a file, a failure is said without escape codes")
  void noCodes() throws IOException, InterruptedException {
    Path err = folder.resolve("err");
    Process command =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // what a terminal would have picocli do
                "-Dpicocli.ansi=tty",
                "-cp",
                System.getProperty("java.class.path"),
                MemremapCommand.class.getName(),
                "iomem",
                "--machine",
                folder.resolve("none.iomem").toString())
            .redirectError(err.toFile())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(command.waitFor()).isEqualTo(2);
    assertThat(err)
        .content()
        .startsWith("memremap: ")
        .contains("none.iomem")
        .doesNotContain("\u001b")
        .hasLineCount(1);
  }
}
