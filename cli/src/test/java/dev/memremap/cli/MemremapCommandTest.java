// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static dev.memremap.cli.CommandRun.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import dev.memremap.cli.terminal.Version;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class MemremapCommandTest {
  private static final Path EXAMPLES = Path.of("..", "examples");
  private static final String QEMU = EXAMPLES.resolve("machines/qemu-2g.iomem").toString();

  private static CommandRun onQemu(String line) {
    return run((line + " -m " + QEMU).split(" "));
  }

  static Stream<Path> examples() throws IOException {
    try (Stream<Path> files = Files.list(EXAMPLES)) {
      return files.filter(file -> file.toString().endsWith(".scenario")).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("examples")
  @DisplayName("every example runs, and its answers are the ones kept beside it")
  void examplesRun(Path example) throws IOException {
    CommandRun outcome = run("run", example.toString());
    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.status()).isZero();
    Path answers = Path.of(example.toString().replace(".scenario", ".answers"));
    assertThat(outcome.out()).isEqualTo(Files.readString(answers));
    assertThat(run("run", "--check", example.toString()).out()).endsWith(" 0 differences\n");
  }

  @Test
  @DisplayName("run --explain adds lines that say why, with the rule")
  void explained() {
    CommandRun outcome =
        run("run", "--explain", EXAMPLES.resolve("mixed-ranges.scenario").toString());
    assertThat(outcome.lines())
        .contains("9: null")
        .anyMatch(line -> line.startsWith("  | refused: MR-3, the range is partly System RAM"));
  }

  @Test
  @DisplayName("run --check of a wrong answer exits with 1 and shows it")
  void checkFails(@TempDir Path folder) throws IOException {
    Files.copy(Path.of(QEMU), folder.resolve("m.iomem"));
    Files.writeString(folder.resolve("a.scenario"), "machine m.iomem\nregion 0x40000000 4K\n");
    Files.writeString(folder.resolve("a.answers"), "1: ok\n2: MIXED\n");
    CommandRun outcome = run("run", "--check", folder.toString());
    assertThat(outcome.status()).isEqualTo(1);
    assertThat(outcome.out())
        .contains("a.scenario:2")
        .contains("DISJOINT")
        .contains("1 differences");
  }

  @Test
  @DisplayName("a syntax error names file, line and column, exits with 2, and runs nothing")
  void syntaxError(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("a.scenario");
    Files.copy(Path.of(QEMU), folder.resolve("m.iomem"));
    Files.writeString(file, "machine m.iomem\nmemremap a 0x1000 4K XX\n");
    CommandRun outcome = run("run", file.toString());
    assertThat(outcome.status()).isEqualTo(2);
    assertThat(outcome.out()).isEmpty();
    assertThat(outcome.err()).startsWith(file + ":2:").hasLineCount(1);
  }

  @Test
  @DisplayName(
      "explain says each mode, its rule, and what near it would work; exits with 1 if refused")
  void explain() {
    CommandRun refused = run("explain", "0x3ffff000", "8K", "WB", "-m", QEMU);
    assertThat(refused.status()).isEqualTo(1);
    assertThat(refused.lines())
        .containsExactly(
            "refused for 0x3ffff000-0x40000fff: MR-3, the range is partly System RAM"
                + " (3ffff000-3fffffff) and partly Persistent Memory (legacy) (40000000-40000fff)",
            "  WB not tried: a mixed range fails before any mode [MR-3]",
            "nearest range that works: 0x3ffff000 4K (WB, the direct map); or 0x40000000 4K (WB, WT"
                + " or WC)");
    CommandRun granted = run("explain", "0xfd000000", "1M", "WC,WB", "-m", QEMU);
    assertThat(granted.status()).isZero();
    assertThat(granted.lines().getFirst())
        .isEqualTo("granted for 0xfd000000-0xfd0fffff: MT-2, WB gives a new mapping, UC-");
    assertThat(run("explain", "0x40000000", "4K", "WC", "-m", QEMU, "--json").out())
        .contains("\"granted\" : true", "\"mode\" : \"WC\"", "\"rule\" : \"MT-5\"");
  }

  @Test
  @DisplayName(
      "iomem shows sizes, kinds and totals; --json for programs; --diff two machines side by side")
  void iomem() {
    CommandRun shown = run("iomem", "-m", QEMU);
    assertThat(shown.status()).isZero();
    assertThat(shown.out())
        .containsPattern("00100000-3fffffff +1023M  System RAM  — ordinary memory")
        .containsPattern("  01000000-01600107 +6.0M  Kernel code")
        .containsPattern("System RAM in all +1.7G");
    assertThat(run("iomem", "-m", QEMU, "--json").out())
        .contains("\"fact\" : \"phys-bits\"", "\"name\" : \"Persistent Memory (legacy)\"");
    String other = EXAMPLES.resolve("machines/qemu-3g.iomem").toString();
    CommandRun diff = run("iomem", "--diff", QEMU, other);
    assertThat(diff.status()).isEqualTo(1);
    assertThat(diff.out())
        .containsPattern("40000000-4fffffff : Persistent Memory \\(legacy\\) +<")
        .contains("> 46200000-4a1fffff : Persistent Memory (legacy)");
    assertThat(run("iomem", "--diff", QEMU, QEMU).status()).isZero();
  }

  @ParameterizedTest(name = "memremap {0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "read 0x40000000 -w 16 | 0x0000",
        "read 0x40000010 -n 8 -w 8 | 000040000010  00 00 00 00 00 00 00 00                         "
            + " ........",
        "read 0xfd000010 --ioremap | 0x00000000",
        "write 0x40000000 1 2 | 8 bytes written at 0x40000000-0x40000007, WB@gone",
        "write 0x10000000 1 --force-ram | 4 bytes written at 0x10000000-0x10000003, WB@gone",
        "write 0x40000000 7 --persist | 4 bytes written at 0x40000000-0x40000003, WB@gone",
        "write 0xfd000010 7 -w 64 --ioremap | 8 bytes written at 0xfd000010-0xfd000017, UC-@gone",
      })
  @DisplayName("read shows a number or a dump, and write what it wrote where, through which mode")
  void readAndWrite(String line, String printed) {
    CommandRun done = onQemu(line);
    assertThat(done.err()).isEmpty();
    assertThat(done.status()).isZero();
    String gone = "; this machine is simulated, and its memory is gone when the command ends";
    assertThat(done.out()).isEqualTo(printed.replace("@gone", gone) + "\n");
  }

  @ParameterizedTest(name = "memremap {0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "write 0x10000000 1 | 1 | 0x10000000-0x10000003 is System RAM",
        "write 0x10000000 1 | 1 | --force-ram",
        "write 0x40000000 256 -w 8 | 2 | 0x100 does not fit into 8 bits",
        "write 0xfd000010 7 --ioremap --persist | 1 | leave --persist out",
        "read 0x3ffffffc -w 64 | 1 | the range is partly System RAM",
        "read 0x10000000+4K --ioremap | 1 | ioremap 0x10000000-0x10000fff",
        "read 0x10000000+4K --ioremap | 1 | System RAM",
      })
  @DisplayName("what read and write refuse gets one sentence")
  void readAndWriteRefused(String line, int status, String sentence) {
    CommandRun refused = onQemu(line);
    assertThat(refused.err().lines().findFirst()).get(STRING).contains(sentence);
    assertThat(refused.status()).isEqualTo(status);
    assertThat(refused.out()).isEmpty();
  }

  @Test
  @DisplayName("read writes raw bytes into a file, and write takes them from one")
  void rawBytes(@TempDir Path folder) {
    Path raw = folder.resolve("raw");
    assertThat(onQemu("read 0x40000000 -n 3 -o " + raw).status()).isZero();
    assertThat(raw).hasSize(12);
    assertThat(onQemu("write 0x40000000 -i " + raw).out()).startsWith("12 bytes");
  }

  @Test
  @DisplayName("read --ioremap --json says that registers were read, and how")
  void registersAsJson() {
    assertThat(onQemu("read 0xfd000010 --ioremap --json").out())
        .contains("\"mode\" : \"UC-\"", "\"direct\" : false");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "run|/nowhere.scenario",
        "iomem|-m|/nowhere.iomem",
        "iomem|-m|../pom.xml",
        "explain|0x1000|4K|XX|-m|x",
        "explain|0x10000000000000000|4K|WB|-m|x",
        "read|0x1000|-w|12|-m|../examples/machines/qemu-2g.iomem",
        "read|0x1000|-n|0|-m|../examples/machines/qemu-2g.iomem",
        "iomem|--set|phys-bits=99|-m|../examples/machines/qemu-2g.iomem",
        "write|0x1000|-m|../examples/machines/qemu-2g.iomem",
        "read|0x40000000|--mode|WB|--ioremap|-m|../examples/machines/qemu-2g.iomem",
        "read|0x40000001|--ioremap|-m|../examples/machines/qemu-2g.iomem",
        "read|0xfffffffffffffff0|-n|8|--ioremap|-m|../examples/machines/qemu-2g.iomem",
        "write|0x40000000|1|--set|phys-bits|-m|../examples/machines/qemu-2g.iomem",
        "nonsense",
        "run|--kernel|six|--check|../examples"
      })
  @DisplayName("bad input gets a sentence and status 2, never a stack trace")
  void badInput(String line) {
    CommandRun outcome = run(line.split("\\|"));
    assertThat(outcome.status()).as(line).isEqualTo(2);
    assertThat(outcome.err())
        .isNotBlank()
        .doesNotContain("\tat ")
        .doesNotContain("mistake in memremap");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "run",
        "iomem",
        "what",
        "devices",
        "explain",
        "pages",
        "plan",
        "record",
        "read",
        "write",
        "serve",
        "pager",
        "conformance"
      })
  @DisplayName("every command has help, and colours stay off without a terminal")
  void help(String command) {
    CommandRun help = run(command, "--help");
    assertThat(help.status()).isZero();
    assertThat(help.out()).startsWith("Usage: memremap " + command).doesNotContain("\u001b[");
  }

  @ParameterizedTest
  @CsvSource({
    // as bash splits it, or as zsh does
    "plan --type FS, FS_DAX",
    "plan --type = FS, FS_DAX",
    "plan --type=FS, --type=FS_DAX",
    "plan --size 1G --color = al, always",
    "plan --color = always --type = FS, FS_DAX",
    "plan --color=always --type=FS, --type=FS_DAX",
    "plan --type =, PRIVATE COHERENT FS_DAX GENERIC PCI_P2PDMA",
    "plan --machine = src/main/java/mod, src/main/java/module-info.java",
    "plan --set kernel = 6, ''",
    "conformance --kernel 6, 6.1 6.12",
    "conformance --kernel =, 5.10 6.1 6.12 7.3 newest",
    "run --kernel n, ''",
    "explain --kernel = 7, 7.3",
    "conformance --guest =, qemu-2g qemu-3g",
    "conf, conformance",
  })
  @DisplayName("bash completes the values of options, also behind a =")
  void completion(String typed, String offered) throws IOException, InterruptedException {
    Path script = Files.createTempFile("completion", "");
    try {
      Files.writeString(script, run("generate-completion").out());
      String asks =
          "compopt() { :; }; . '%s'; COMP_WORDS=(memremap %s); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _joined_complete_memremap; echo ${COMPREPLY[*]}"
              .formatted(script, typed);
      Process bash = new ProcessBuilder("bash", "-c", asks).redirectErrorStream(true).start();
      String answer = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answer.strip()).isEqualTo(offered);
      assertThat(bash.waitFor()).isZero();
    } finally {
      Files.delete(script);
    }
  }

  @Test
  @DisplayName("a subcommand made without its siblings is the one among them")
  void subcommandsAlone() {
    Map<String, CommandLine> all = MemremapCommand.commandLine().getSubcommands();
    for (Map.Entry<String, CommandLine> entry : all.entrySet()) {
      String name = entry.getKey();
      Map<String, CommandLine> few = MemremapCommand.commandLine(name, "--help").getSubcommands();
      boolean needsSiblings = Set.of("help", "generate-completion").contains(name);
      assertThat(few.keySet()).isEqualTo(needsSiblings ? all.keySet() : Set.of(name));
      assertThat(few.get(name).getUsageMessage()).isEqualTo(entry.getValue().getUsageMessage());
    }
    assertThat(MemremapCommand.commandLine("--help").getSubcommands()).hasSameSizeAs(all);
  }

  @ParameterizedTest
  @ValueSource(strings = {"--version", "-V"})
  @DisplayName("--version is answered without the subcommands, as it is among them")
  void versionAlone(String word) {
    CommandLine alone = MemremapCommand.commandLine(word);
    assertThat(alone.getSubcommands()).isEmpty();
    assertThat(CommandRun.of(alone, word))
        .isEqualTo(run(word))
        .isEqualTo(new CommandRun(0, Version.of("memremap") + "\n", ""));
    // beside other words it may be wrong, or not what is done
    assertThat(MemremapCommand.commandLine(word, "--help").getSubcommands()).isNotEmpty();
  }

  @Test
  @DisplayName("the man pages name every command and every option there is: mvn -Pman writes them")
  void manPagesAreCurrent() throws IOException {
    ManPages.check(MemremapCommand.commandLine());
  }

  @Test
  @DisplayName("the list of subcommands shows a whole sentence of each")
  void wholeSentences() {
    ManPages.checkSentences(MemremapCommand.commandLine());
  }
}
