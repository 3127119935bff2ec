// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.cli.CommandRun;
import dev.memremap.cli.ManPages;
import dev.memremap.cli.Schemas;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class BenchCommandTest {
  /** On a busy machine a quick run may take any time. */
  private static final Pattern TIME = Pattern.compile(" (ns|µs|ms|s) ");

  @TempDir private Path folder;

  private static CommandRun run(String... args) {
    return CommandRun.of(MemremapDevCommand.commandLine(), args);
  }

  /** The table that {@code --from -} prints of a file. */
  private CommandRun fromStandardInput(Path file) throws IOException {
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream(Files.readAllBytes(file)));
    try {
      return run("bench", "--from", "-", "--out", folder.resolve("of-input").toString());
    } finally {
      System.setIn(before);
    }
  }

  @Test
  @DisplayName("one row is run by JMH, printed, and written as JSON, SVG and Markdown")
  void oneRow() throws Exception {
    Path bench = folder.resolve("bench");
    CommandRun outcome =
        run("bench", "--quick", "--only", "reference-one-thread", "--out", bench.toString());
    assertThat(outcome.err()).isEqualTo("memremap-dev: measures 2 times, for about 3 s\n");
    assertThat(outcome.status()).isZero();
    assertThat(outcome.out())
        .contains("PercpuRef.get and put, 1 thread", "≤ 0.5")
        .containsPattern(TIME);
    JsonNode root = Schemas.check(Files.readString(bench.resolve("bench.json")));
    assertThat(root.at("/quick").asBoolean()).isTrue();
    assertThat(root.at("/rows").size()).isEqualTo(1);
    assertThat(root.at("/rows/0/ours/forks").size()).isEqualTo(1);
    assertThat(root.at("/rows/0/ours/median").asDouble()).isPositive();
    assertThat(root.at("/rows/0/peer/median").asDouble()).isPositive();
    DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(bench.resolve("bench.svg").toFile());
    assertThat(bench.resolve("bench.md")).content().contains("| `PercpuRef.get` and `put`");
    assertThat(bench.resolve("jmh.log"))
        .content()
        .contains("ReferenceBenchmark.percpuGetPut", "-XX:+UseG1GC")
        .doesNotContain("AOTCache", "SerialGC");
    Path again = folder.resolve("again");
    CommandRun anew =
        run("bench", "--from", bench.resolve("bench.json").toString(), "--out", again.toString());
    assertThat(anew).isEqualTo(new CommandRun(0, outcome.out(), ""));
    assertThat(fromStandardInput(bench.resolve("bench.json"))).isEqualTo(anew);
    for (String file : List.of("bench.json", "bench.svg", "bench.md")) {
      assertThat(again.resolve(file)).hasSameTextualContentAs(bench.resolve(file));
    }
  }

  @Test
  @DisplayName("an unknown name gets one sentence and measures nothing")
  void unknown() {
    CommandRun outcome = run("bench", "--only", "nothing", "--out", folder.toString());
    assertThat(outcome.status()).isEqualTo(2);
    assertThat(outcome.err())
        .isEqualTo(
            "memremap-dev: 'nothing' is not a benchmark; write core, reference, lookup, access,"
                + " remap, pagemap, scale, pager, startup, or a name that 'memremap-dev bench --list'"
                + " prints\n");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  @DisplayName("a document without a place for the table is refused before anything is measured")
  void document() throws IOException {
    Path document = Files.writeString(folder.resolve("a.md"), "text\n");
    CommandRun outcome = run("bench", "--markdown", document.toString());
    assertThat(outcome.status()).isEqualTo(2);
    assertThat(outcome.err()).contains("a.md has no place for the table").hasLineCount(1);
  }

  @Test
  @DisplayName("standard input that would be read twice is refused")
  void standardInputTwice() {
    CommandRun outcome = run("bench", "--from", "-", "--from", "-");
    assertThat(outcome.status()).isEqualTo(2);
    assertThat(outcome.err())
        .isEqualTo(
            "memremap-dev: '-' is given twice, and standard input can be read once; put one of the"
                + " two into a file (see 'memremap-dev bench --help')\n");
  }

  @Test
  @DisplayName("a folder that cannot be made gets one sentence")
  void folder() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    CommandRun outcome =
        run("bench", "--quick", "--only", "reference-netty", "--out", file.resolve("x").toString());
    assertThat(outcome.status()).isEqualTo(2);
    assertThat(outcome.err())
        .startsWith("memremap-dev: a file cannot be read or written: ")
        .hasLineCount(1);
  }

  @Test
  @DisplayName("two versions are run by JMH, printed, and written as JSON and Markdown")
  void against() throws IOException {
    Path bench = folder.resolve("bench");
    Path document = folder.resolve("new.md");
    String core = CoreJar.in(folder).toString();
    CommandRun outcome =
        run(
            "bench",
            "--quick",
            "--only",
            "reference-one-thread",
            "--against",
            core, //
            "--out",
            bench.toString(),
            "--markdown",
            document.toString());
    assertThat(outcome.err()).isEqualTo("memremap-dev: measures 2 times, for about 3 s\n");
    assertThat(outcome.status()).isZero();
    assertThat(outcome.out())
        .contains("reference-one-thread ", " not judged")
        .containsPattern(TIME)
        .doesNotContain("\u001b")
        .endsWith("--quick is too short to be believed\n");
    JsonNode root = Schemas.check(Files.readString(bench.resolve("against.json")));
    assertThat(root.at("/rows").size()).isEqualTo(1);
    assertThat(root.at("/against").asString()).isEqualTo("other-core.jar");
    assertThat(root.at("/rows/0/here/forks/0/cost").asDouble()).isPositive();
    assertThat(root.at("/rows/0/there/forks/0/iterations").size()).isEqualTo(2);
    assertThat(root.at("/rows/0/note").isMissingNode()).isTrue();
    assertThat(document).hasSameTextualContentAs(bench.resolve("against.md"));
    assertThat(bench.resolve("jmh.log"))
        .content()
        .contains("ReferenceBenchmark.percpuGetPut", "-XX:+UseG1GC")
        .doesNotContain("AOTCache");
  }

  @ParameterizedTest(name = "memremap-dev bench {0}")
  @ValueSource(
      strings = {
        "--against @text.jar",
        "--against @none.jar",
        "--against no-such-commit",
        "--against HEAD --from bench.json",
        "--quick --from bench.json",
        "--from @text.jar",
        "--from @none.json",
        "--against no-such-commit --only startup",
        "--against no-such-commit --only startup-hello",
        "--against @text.jar --only startup",
        "--list --quick",
        "--list --markdown a.md",
        "--list --from bench.json",
        "--list --against HEAD",
        "--only lookup --markdown @places.md",
        "--only core --markdown @unknown.md"
      })
  @DisplayName("what cannot be compared gets one sentence, and leaves nothing behind")
  void againstNothing(String wrong) throws IOException {
    Files.writeString(folder.resolve("text.jar"), "text");
    String place = "<!-- memremap bench %s -->\nold\n<!-- end of memremap bench -->\n";
    Files.writeString(folder.resolve("places.md"), place.formatted("lookup remap-ram"));
    Files.writeString(folder.resolve("unknown.md"), place.formatted("lookup-nothing"));
    String line = "bench --out @bench " + wrong;
    CommandRun refused = run(line.replace("@", folder + "/").split(" "));
    assertThat(refused.err()).startsWith("memremap-dev: ").hasLineCount(1);
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.out()).isEmpty();
    assertThat(folder).isDirectoryNotContaining("glob:**bench");
    assertThat(folder.resolve("places.md")).content().contains("\nold\n");
  }

  @Test
  @DisplayName(
      "what is of no version is not measured against another, which is said before any is built")
  void startupAgainst() {
    CommandRun hello = run("bench", "--only", "startup-hello", "--against", "no-such-commit");
    assertThat(hello.err())
        .isEqualTo(
            "memremap-dev: --against measures the classes or the launchers of two versions, and"
                + " none of startup-hello comes from these; name other rows\n");
    CommandRun jar = run("bench", "--only", "startup", "--against", "other.jar");
    assertThat(jar.err())
        .isEqualTo(
            "memremap-dev: other.jar has no launcher to start, for a jar has none; name a"
                + " commit\n");
  }

  @Test
  @DisplayName("the rows of core are chosen by one word: neither starts nor cycles without end")
  void core() {
    CommandRun outcome = run("bench", "--list", "--only", "core");
    assertThat(outcome.out())
        .contains("reference-", "lookup-", "access-", "remap-", "pagemap-page", "scale-resources-")
        .doesNotContain("startup-", "scale-heap-", "remap-close-machine");
  }

  @Test
  @DisplayName("--list names points and rows, and --only chooses among them")
  void list() {
    CommandRun outcome = run("bench", "--list", "--only", "lookup,remap-ram");
    assertThat(outcome.status()).isZero();
    assertThat(outcome.out())
        .contains("lookup: get_dev_pagemap\n  lookup-hint ", "\n  remap-ram ")
        .doesNotContain("reference", "remap-not-ram");
  }

  @Test
  @DisplayName("the man pages name every command and every option there is: mvn -Pman writes them")
  void manPagesAreCurrent() throws IOException {
    ManPages.check(MemremapDevCommand.commandLine());
  }

  @Test
  @DisplayName("the list of subcommands shows a whole sentence of each")
  void wholeSentences() {
    ManPages.checkSentences(MemremapDevCommand.commandLine());
  }
}
