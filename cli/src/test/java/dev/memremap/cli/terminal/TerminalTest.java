// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.memremap.cli.CommandRun;
import dev.memremap.cli.MemremapCommand;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
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

  @Test
  @DisplayName("without /proc, it is a terminal if the JDK says so, as it does not here")
  void noProc() {
    assumeThat(System.console()).isNull();
    assertThat(Terminal.isTerminal(folder.resolve("none"))).isFalse();
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

  /** The command in a process of its own, with a map of two resources; its variables are these. */
  private ProcessBuilder process(Map<String, String> variables, String... words)
      throws IOException {
    Path map = folder.resolve("m.iomem");
    Files.writeString(map, "00001000-3fffffff : System RAM\n40000000-40000fff : ACPI Tables\n");
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.addAll(List.of("-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path")));
    line.addAll(List.of(MemremapCommand.class.getName()));
    line.addAll(List.of(words));
    line.addAll(List.of("-m", map.toString()));
    ProcessBuilder builder = new ProcessBuilder(line);
    builder.environment().keySet().removeAll(Set.of("COLUMNS", "NO_COLOR", "TERM"));
    builder.environment().keySet().removeAll(Set.of("LC_ALL", "LC_CTYPE", "LANG"));
    builder.environment().putAll(variables);
    return builder;
  }

  /** What it prints into a pipe. */
  private String piped(Map<String, String> variables, String... words) throws IOException {
    Process process = process(variables, words).redirectErrorStream(true).start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  /** What it prints on a terminal of 200 columns, which {@code script} makes. */
  private String onTerminal(Map<String, String> variables, String... words)
      throws IOException, InterruptedException {
    assumeThat(Path.of("/usr/bin/script")).exists();
    ProcessBuilder builder = process(variables, words);
    Path shell = folder.resolve("run.sh");
    Files.writeString(shell, "stty cols 200\n'" + String.join("' '", builder.command()) + "'\n");
    Process process =
        builder
            .command("/usr/bin/script", "-qec", "sh " + shell, "/dev/null")
            .redirectErrorStream(true)
            .start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isLessThan(3);
    return said;
  }

  private static final String GREEN = "\u001b[32m";

  @Test
  @DisplayName("a terminal gets colours; NO_COLOR, TERM=dumb and --color=never switch them off")
  void colours() throws IOException, InterruptedException {
    Map<String, String> xterm = Map.of("TERM", "xterm");
    assertThat(onTerminal(xterm, "iomem")).contains(GREEN + "System RAM");
    assertThat(onTerminal(Map.of("TERM", "xterm", "NO_COLOR", "1"), "iomem"))
        .contains("System RAM")
        .doesNotContain("\u001b");
    assertThat(onTerminal(Map.of("TERM", "dumb"), "iomem"))
        .contains("System RAM")
        .doesNotContain("\u001b");
    assertThat(onTerminal(xterm, "iomem", "--color=never"))
        .contains("System RAM")
        .doesNotContain("\u001b");
    assertThat(onTerminal(xterm, "iomem", "--at", "foo"))
        .contains("\u001b", "'foo' is not a number");
  }

  @Test
  @DisplayName("a pipe gets colours with --color=always alone, for what fails, too")
  void noColours() throws IOException {
    Map<String, String> xterm = Map.of("TERM", "xterm");
    assertThat(piped(xterm, "iomem")).contains("System RAM").doesNotContain("\u001b");
    assertThat(piped(xterm, "--color", "auto", "iomem")).doesNotContain("\u001b");
    assertThat(piped(Map.of("NO_COLOR", "1"), "iomem", "--color=always"))
        .contains(GREEN + "System RAM");
    assertThat(piped(xterm, "iomem", "--color=always", "--at", "foo"))
        .contains("\u001b", "'foo' is not a number");
    assertThat(piped(xterm, "iomem", "--color=blue"))
        .contains("'blue' does not say when; write always, auto or never")
        .doesNotContain("\u001b");
  }

  @Test
  @DisplayName("a terminal's lines have 80 letters, or as many as COLUMNS says, and a pipe's all")
  void width() throws IOException, InterruptedException {
    assertThat(onTerminal(Map.of("LANG", "C.UTF-8"), "iomem").lines())
        .allMatch(line -> line.length() <= 80)
        .anyMatch(line -> line.endsWith("…"));
    assertThat(onTerminal(Map.of("LANG", "C.UTF-8", "COLUMNS", "199"), "iomem").lines())
        .noneMatch(line -> line.endsWith("…"));
    assertThat(piped(Map.of("LANG", "C.UTF-8", "COLUMNS", "70"), "iomem").lines())
        .allMatch(line -> line.length() <= 70)
        .anyMatch(line -> line.endsWith("…"));
    assertThat(piped(Map.of("LANG", "C.UTF-8"), "iomem")).contains("  — ").doesNotContain("…");
  }

  @ParameterizedTest
  @ValueSource(strings = {"iomem", "explain --help", "explain 0xq 4K WB", "iomem --at foo"})
  @DisplayName("in the C locale all that is printed is ASCII")
  void ascii(String line) throws IOException {
    for (Map<String, String> locale :
        List.of(Map.of("LC_ALL", "C", "COLUMNS", "70"), Map.of("LC_ALL", "POSIX"))) {
      String said = piped(locale, line.split(" ", -1));
      assertThat(said).isNotBlank();
      assertThat(said.chars().filter(letter -> letter > 0x7e)).as(said).isEmpty();
    }
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
