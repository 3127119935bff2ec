// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import dev.memremap.cli.terminal.Output;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

/**
 * Each subcommand, as text and as JSON, where all is well, refused, wrong, and where its output
 * goes to a full disk or a closed pipe: the exit status, and what stands on which stream.
 */
class ExitStatusTest {
  private static final String MAP =
      """
      # arch=x86_64
      # phys-bits=40
      00001000-3fffffff : System RAM
      40000000-4fffffff : Persistent Memory
      """;

  /**
   * A subcommand's lines; in them @ is the folder of the files.
   *
   * @param json whether it has --json
   * @param good what it carries out
   * @param no what is refused, or finds a difference; empty if nothing can be
   * @param answers whether a no is an answer on standard output, and no failure
   * @param bad input that cannot be used
   */
  private record Row(
      String name, boolean json, String good, String no, boolean answers, String bad) {
    /** The line as text, and as JSON if it has that. */
    Stream<Line> lines(String line) {
      return line.isEmpty()
          ? Stream.empty()
          : json
              ? Stream.of(new Line(line, false), new Line(line + " --json", true))
              : Stream.of(new Line(line, false));
    }
  }

  private record Line(String words, boolean json) {
    @Override
    public String toString() {
      return "memremap " + words;
    }
  }

  private static final List<Row> TABLE =
      List.of(
          new Row("run", false, "run @/a.scenario", "run --check @/a.scenario", true, "run @/none"),
          new Row(
              "iomem",
              true,
              "iomem -m @/m",
              "iomem --at 0x60000000 -m @/m",
              true,
              "iomem -m @/none"),
          new Row(
              "iomem",
              true,
              "iomem --summary -m @/m",
              "iomem --kind rom -m @/m",
              true,
              "iomem --summary --at 0x1000 -m @/m"),
          new Row(
              "iomem",
              true,
              "iomem --diff @/m @/m",
              "iomem --diff @/m @/o",
              true,
              "iomem --diff @/m @/none"),
          new Row(
              "what",
              true,
              "what 0x40000000 -m @/m",
              "what 0x60000000 -m @/m",
              true,
              "what 40000000 -m @/m"),
          new Row(
              "what",
              true,
              "what pfn:0x1000 -m @/m",
              "what 50000000-5fffffff -m @/m",
              true,
              "what nothing -m @/m"),
          new Row("serve", false, "serve --export @ -m @/m", "", true, "serve -p 0 -m @/none"),
          new Row("pager", true, "pager status", "pager flush 2147483647", false, "pager adopt"),
          new Row("devices", true, "devices", "", true, "devices --nonsense"),
          new Row("rule", true, "rule MR-3 d", "", true, "rule MR-99"),
          new Row("rule", true, "rule", "", true, "rule XY-1"),
          new Row("doctor", true, "doctor", "", true, "doctor --nonsense"),
          new Row(
              "explain",
              true,
              "explain 0x40000000 4K WC -m @/m",
              "explain 0x3ffff000 8K WB -m @/m",
              true,
              "explain 0x40000000 4K XX -m @/m"),
          new Row(
              "explain",
              true,
              "explain 0x40000000+4K WC -m @/m --kernel 5.10,7.3",
              "explain 0x3ffff000 8K WB -m @/m --kernel 5.10,7.3",
              true,
              "explain 0x40000000+4K WC -m @/m --kernel 5.10,6.16"),
          new Row(
              "explain",
              true,
              "explain 0x40000000+4K UC- -m @/m",
              "explain 0x40000000+0 WB -m @/m",
              true,
              "explain 0x40000000 WB -m @/m"),
          new Row(
              "explain",
              true,
              "explain 0x60000000+4K WB -m @/m",
              "explain 0x40000000 4K WB -m @/arm",
              false,
              "explain"),
          new Row("pages", true, "pages -m @/m", "", true, "pages @/none"),
          new Row("pages", true, "pages @/p.scenario", "", true, "pages --force -m @/m"),
          new Row(
              "plan",
              true,
              "plan 0x40000000+2M --type GENERIC -m @/m",
              "plan 5M --type GENERIC",
              true,
              "plan 40000000+2M --type GENERIC -m @/m"),
          new Row(
              "plan",
              true,
              "plan 1T --type FS_DAX --altmap",
              "plan 0xffffffffffe00000+4M --type GENERIC -m @/m",
              true,
              "plan 1T"),
          new Row(
              "plan",
              true,
              "plan 64M --type GENERIC",
              "plan 64M --type GENERIC -m @/arm",
              false,
              "plan 1T --type GENERIC --labels"),
          new Row(
              "plan",
              true,
              "plan 0x40000000+64M --namespace fsdax -m @/m",
              "plan 0x40700000+66M --namespace devdax -m @/m",
              true,
              "plan 1G --namespace sector"),
          new Row(
              "plan",
              true,
              "plan 2113M --namespace fsdax --labels --size 192M",
              "plan 66M --namespace fsdax",
              true,
              "plan 0 --namespace fsdax"),
          new Row("record", false, "record -m @/m -", "", true, "record -m @/none -"),
          new Row(
              "read",
              true,
              "read 0x40000000 -m @/m",
              "read 0x3ffffffc -w 64 -m @/m",
              false,
              "read 0x40000000 -n 0 -m @/m"),
          new Row(
              "read",
              true,
              "read 0x40000000+16 -w 64 --ioremap -m @/m",
              "read 0x10000000+4K --ioremap -m @/m",
              false,
              "read 0x40000000 -w 12 -m @/m"),
          new Row(
              "write",
              true,
              "write 0x40000000 1 -m @/m",
              "write 0x1000 1 -m @/m",
              false,
              "write 0x40000000 -i @/none -m @/m"),
          new Row(
              "write",
              true,
              "write 0x40000000 1 2 3 --verify -m @/m",
              "write 0x40000000 1 --ioremap --persist -m @/m",
              false,
              "write 0x40000000 256 -w 8 -m @/m"),
          new Row(
              "write",
              true,
              "write 0x40000000 -i @/m --verify -m @/m",
              "write 0x3ffffffe 1 -m @/m",
              false,
              "write 0x40000000 -m @/m"),
          new Row("conformance", false, "conformance --help", "", true, "conformance @/none"),
          new Row(
              "generate-completion",
              false,
              "generate-completion",
              "",
              true,
              "generate-completion x"),
          new Row("help", false, "help iomem", "", true, "help nonsense"));

  @TempDir private Path folder;

  @BeforeEach
  void files() throws IOException {
    Files.writeString(folder.resolve("m"), MAP);
    Files.writeString(folder.resolve("o"), MAP.replace("40000000-4f", "40000000-5f"));
    Files.writeString(folder.resolve("a.scenario"), "machine m\nregion 0x1000 1\n");
    Files.writeString(folder.resolve("a.answers"), "1: ok\n2: MIXED\n");
    Files.writeString(folder.resolve("arm"), "# arch=arm64\n40000000-7fffffff : System RAM\n");
    Files.writeString(
        folder.resolve("p.scenario"),
        "machine m\npgmap p type=GENERIC range=0x40000000+2M\nremap-pages p\n");
  }

  private String[] words(Line line) {
    return line.words.replace("@", folder.toString()).split(" ");
  }

  private static Stream<Line> good() {
    return TABLE.stream().flatMap(row -> row.lines(row.good)).distinct();
  }

  private static Stream<Line> answered() {
    return TABLE.stream().filter(Row::answers).flatMap(row -> row.lines(row.no));
  }

  private static Stream<Line> failed() {
    return TABLE.stream().filter(row -> !row.answers).flatMap(row -> row.lines(row.no));
  }

  private static Stream<Line> bad() {
    return TABLE.stream().flatMap(row -> row.lines(row.bad));
  }

  /** Passes if a JSON line printed the answer of its command, and that alone. */
  private static void requireAnswer(Line line, CommandRun run) {
    if (line.json) {
      JsonNode document = run.json();
      assertThat(document.has("error")).isFalse();
      assertThat(document.get("command").asString()).isEqualTo(line.words.split(" ")[0]);
    }
  }

  /**
   * Passes if standard output is empty, or, of a JSON line, is an error that says what standard
   * error says.
   */
  private static void requireError(Line line, CommandRun run) {
    if (!line.json) {
      assertThat(run.out()).isEmpty();
      return;
    }
    JsonNode document = run.json();
    assertThat(document.path("command").asString()).isEqualTo(line.words.split(" ")[0]);
    JsonNode error = document.path("error");
    assertThat(error.path("status").asInt()).isEqualTo(run.status());
    String said = run.err().lines().findFirst().orElseThrow();
    assertThat(said.replaceFirst("^memremap: ", "")).isEqualTo(error.path("message").asString());
  }

  @Test
  @DisplayName("the table has every subcommand, and --json for each that knows it")
  void isWhole() {
    Set<String> tabled =
        TABLE.stream().map(Row::name).collect(Collectors.toCollection(TreeSet::new));
    CommandLine command = MemremapCommand.commandLine();
    assertThat(tabled).isEqualTo(new TreeSet<>(command.getSubcommands().keySet()));
    for (Row row : TABLE) {
      assertThat(
              command.getSubcommands().get(row.name).getCommandSpec().findOption("--json") != null)
          .as(row.name)
          .isEqualTo(row.json);
    }
  }

  @Test
  @DisplayName("the help of each subcommand lists what it ends with, 1 where it can say no")
  void listed() {
    CommandLine command = MemremapCommand.commandLine();
    assertThat(command.getCommandSpec().usageMessage().exitCodeList().keySet())
        .containsExactly("0", "1", "2", "3", "130");
    Set<String> sayNo =
        TABLE.stream().filter(row -> !row.no.isEmpty()).map(Row::name).collect(Collectors.toSet());
    // where there is a guest, and where the library does not work
    sayNo.addAll(List.of("conformance", "doctor"));
    for (Row row : TABLE) {
      CommandLine subcommand = command.getSubcommands().get(row.name);
      if (!subcommand.getCommand().getClass().getName().startsWith("picocli.")) {
        assertThat(subcommand.getCommandSpec().usageMessage().exitCodeList().keySet())
            .as(row.name)
            .contains("0", "2", "3", "130")
            .matches(all -> all.contains("1") == sayNo.contains(row.name));
        assertThat(CommandRun.run(row.name, "--help").out())
            .contains("Exit status:", "Interrupted.");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("good")
  @DisplayName("what is well ends with 0, its answer on standard output and nothing beside it")
  void well(Line line) {
    CommandRun run = CommandRun.run(words(line));
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out()).isNotBlank();
    assertThat(run.err()).isEmpty();
    requireAnswer(line, run);
  }

  @ParameterizedTest
  @MethodSource("good")
  @DisplayName("a path with a ':' names a file as any other does")
  void colon(Line line) throws IOException {
    Path colon = Files.createDirectories(folder.resolve("a:b"));
    for (String name : List.of("m", "o", "a.scenario", "a.answers", "p.scenario")) {
      Files.copy(folder.resolve(name), colon.resolve(name));
    }
    CommandRun run = CommandRun.run(line.words.replace("@", colon.toString()).split(" "));
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.err()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("answered")
  @DisplayName("an answer of no ends with 1, and stands on standard output")
  void no(Line line) {
    CommandRun run = CommandRun.run(words(line));
    assertThat(run.status()).as(run.err()).isEqualTo(1);
    assertThat(run.out()).isNotBlank();
    assertThat(run.err()).isEmpty();
    requireAnswer(line, run);
  }

  @ParameterizedTest
  @MethodSource("failed")
  @DisplayName("what the machine refuses to do ends with 1, and a sentence on standard error")
  void refused(Line line) {
    CommandRun run = CommandRun.run(words(line));
    assertThat(run.status()).as(run.err()).isEqualTo(1);
    assertThat(run.err()).startsWith("memremap: ");
    requireError(line, run);
  }

  @ParameterizedTest
  @MethodSource("bad")
  @DisplayName("what cannot be used ends with 2, and one sentence on standard error")
  void wrong(Line line) {
    CommandRun run = CommandRun.run(words(line));
    assertThat(run.status()).as(run.err()).isEqualTo(2);
    assertThat(run.err()).hasLineCount(1).matches("(?s)(memremap: |\\S+:1:1: ).*");
    requireError(line, run);
  }

  private static final String LOST = "memremap: standard output cannot be written (";

  /** Lines that print an answer. */
  private static Stream<Line> printing() {
    return Stream.concat(good(), answered());
  }

  /** Lines that print an error as JSON. */
  private static Stream<Line> printingErrors() {
    return Stream.concat(failed(), bad()).filter(Line::json);
  }

  private CommandRun onFullDisk(Line line) throws IOException {
    try (OutputStream full = new FileOutputStream("/dev/full")) {
      return CommandRun.into(Output.of(full, false), MemremapCommand.commandLine(), words(line));
    }
  }

  private CommandRun intoClosedPipe(Line line) {
    OutputStream closed =
        new OutputStream() {
          @Override
          public void write(int single) throws IOException {
            throw new IOException("Broken pipe");
          }
        };
    return CommandRun.into(Output.of(closed, true), MemremapCommand.commandLine(), words(line));
  }

  @ParameterizedTest
  @MethodSource("printing")
  @DisplayName("a full disk ends with 3, and the reason on standard error")
  void fullDisk(Line line) throws IOException {
    CommandRun run = onFullDisk(line);
    assertThat(run.status()).isEqualTo(3);
    assertThat(run.err()).startsWith(LOST).hasLineCount(1);
  }

  @ParameterizedTest
  @MethodSource("printing")
  @DisplayName("a closed pipe ends with 3, in silence")
  void closedPipe(Line line) {
    CommandRun run = intoClosedPipe(line);
    assertThat(run.status()).isEqualTo(3);
    assertThat(run.err()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("printingErrors")
  @DisplayName("an error that cannot be printed is said all the same, and ends with 3")
  void errorLost(Line line) throws IOException {
    CommandRun full = onFullDisk(line);
    assertThat(full.status()).isEqualTo(3);
    assertThat(full.lines()).isEmpty();
    assertThat(full.err().lines()).last(STRING).startsWith(LOST);
    CommandRun closed = intoClosedPipe(line);
    assertThat(closed.status()).isEqualTo(3);
    assertThat(full.err()).startsWith(closed.err());
    assertThat(closed.err()).isNotEmpty().doesNotContain(LOST);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"record -m @/m --force /dev/full", "read 0x40000000 -n 4 -o /dev/full -m @/m"})
  @DisplayName("a file that cannot be written ends with 3, and the reason on standard error")
  void fileLost(String words) {
    CommandRun run = CommandRun.run(words(new Line(words, false)));
    assertThat(run.status()).isEqualTo(3);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("memremap: /dev/full cannot be written (").hasLineCount(1);
  }

  private static Stream<String> subcommands() {
    // help shows help, whatever stands behind it
    return MemremapCommand.commandLine().getSubcommands().keySet().stream()
        .filter(name -> !name.equals("help"));
  }

  @ParameterizedTest
  @MethodSource("subcommands")
  @DisplayName("wrong usage is one line that points at --help of the subcommand")
  void usage(String name) {
    CommandRun run = CommandRun.run(name, "--nonsense");
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .hasLineCount(1)
        .startsWith("memremap: ")
        .endsWith("(see 'memremap %s --help')\n".formatted(name));
    CommandRun json = CommandRun.run(name, "--nonsense", "--json");
    assertThat(json.status()).isEqualTo(2);
    assertThat(json.err()).isEqualTo(unknown(run, json));
    requireError(new Line(name, true), json);
  }

  /** What is said of one unknown option, also where --json is another. */
  private static String unknown(CommandRun one, CommandRun two) {
    return two.err().contains("'--nonsense', '--json'")
        ? one.err().replace("option: '--nonsense'", "options: '--nonsense', '--json'")
        : one.err();
  }

  @Test
  @DisplayName("without a subcommand the usage is wrong, too, also as JSON")
  void noSubcommand() {
    CommandRun none = CommandRun.run();
    assertThat(none.status()).isEqualTo(2);
    assertThat(none.err())
        .isEqualTo(
            "memremap: name a subcommand, such as run, iomem or explain (see 'memremap --help')\n");
    CommandRun unknown = CommandRun.run("nonsense", "--json");
    assertThat(unknown.status()).isEqualTo(2);
    assertThat(unknown.json().has("command")).isFalse();
    assertThat(unknown.json().at("/error/message").asString()).contains("nonsense");
  }
}
