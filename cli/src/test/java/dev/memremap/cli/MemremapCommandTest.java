// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class MemremapCommandTest {
  private static final Path EXAMPLES = Path.of("..", "examples");
  private static final String QEMU = EXAMPLES.resolve("machines/qemu-2g.iomem").toString();

  /** What a command line came to. */
  private record Outcome(int status, String out, String err) {
    List<String> lines() {
      return out.lines().toList();
    }
  }

  private static Outcome run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine command = MemremapCommand.commandLine();
    command.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    command.setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
    return new Outcome(command.execute(args), out.toString(), err.toString());
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
    Outcome outcome = run("run", example.toString());
    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.status()).isZero();
    Path answers = Path.of(example.toString().replace(".scenario", ".answers"));
    assertThat(outcome.out()).isEqualTo(Files.readString(answers));
    assertThat(run("run", "--check", example.toString()).out()).endsWith(" 0 differences\n");
  }

  @Test
  @DisplayName("run --explain adds lines that say why, with the rule")
  void explained() {
    Outcome outcome = run("run", "--explain", EXAMPLES.resolve("mixed-ranges.scenario").toString());
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
    Outcome outcome = run("run", "--check", folder.toString());
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
    Outcome outcome = run("run", file.toString());
    assertThat(outcome.status()).isEqualTo(2);
    assertThat(outcome.out()).isEmpty();
    assertThat(outcome.err()).startsWith(file + ":2:").hasLineCount(1);
  }

  @Test
  @DisplayName(
      "explain says each mode, its rule, and what near it would work; exits with 1 if refused")
  void explain() {
    Outcome refused = run("explain", "0x3ffff000", "8K", "WB", "-m", QEMU);
    assertThat(refused.status()).isEqualTo(1);
    assertThat(refused.lines())
        .containsExactly(
            "refused: MR-3, the range is partly System RAM (3ffff000-3fffffff) and partly Persistent Memory (legacy) (40000000-40000fff)",
            "  WB not tried: a mixed range fails before any mode [MR-3]",
            "nearest range that works: 0x3ffff000 4K (WB, the direct map); or 0x40000000 4K (WB, WT or WC)");
    Outcome granted = run("explain", "0xfd000000", "1M", "WC,WB", "-m", QEMU);
    assertThat(granted.status()).isZero();
    assertThat(granted.lines().getFirst()).isEqualTo("granted: MT-2, WB gives a new mapping, UC-");
    assertThat(run("explain", "0x40000000", "4K", "WC", "-m", QEMU, "--json").out())
        .contains("\"granted\" : true", "\"mode\" : \"WC\"", "\"rule\" : \"MT-5\"");
  }

  @Test
  @DisplayName(
      "iomem shows sizes, kinds and totals; --json for programs; --diff two machines side by side")
  void iomem() {
    Outcome shown = run("iomem", "-m", QEMU);
    assertThat(shown.status()).isZero();
    assertThat(shown.out())
        .containsPattern("00100000-3fffffff +1023M  System RAM  — ordinary memory")
        .containsPattern("  01000000-01600107 +6M  Kernel code")
        .containsPattern("System RAM in all +1.7G");
    assertThat(run("iomem", "-m", QEMU, "--json").out())
        .contains("\"physBits\" : 40", "\"name\" : \"Persistent Memory (legacy)\"");
    String other = EXAMPLES.resolve("machines/qemu-3g.iomem").toString();
    Outcome diff = run("iomem", "--diff", QEMU, other);
    assertThat(diff.status()).isEqualTo(1);
    assertThat(diff.out())
        .containsPattern("40000000-4fffffff : Persistent Memory \\(legacy\\) +<")
        .contains("> 46200000-4a1fffff : Persistent Memory (legacy)");
    assertThat(run("iomem", "--diff", QEMU, QEMU).status()).isZero();
  }

  @Test
  @DisplayName("read shows a number, a dump or raw bytes; write refuses System RAM unless forced")
  void readAndWrite(@TempDir Path folder) throws IOException {
    assertThat(run("read", "0x40000000", "-w", "16", "-m", QEMU).out()).isEqualTo("0x0000\n");
    assertThat(run("read", "0x40000010", "-n", "8", "-w", "8", "-m", QEMU).lines())
        .containsExactly("000040000010  00 00 00 00 00 00 00 00                          ........");
    Path raw = folder.resolve("raw");
    assertThat(run("read", "0x40000000", "-n", "3", "-o", raw.toString(), "-m", QEMU).status())
        .isZero();
    assertThat(raw).hasSize(12);
    assertThat(run("write", "0x40000000", "1", "2", "-m", QEMU).out())
        .isEqualTo("8 bytes written at 0x40000000, WB\n");
    assertThat(run("write", "0x40000000", "-i", raw.toString(), "-m", QEMU).out())
        .startsWith("12 bytes");
    Outcome ram = run("write", "0x10000000", "1", "-m", QEMU);
    assertThat(ram.status()).isEqualTo(2);
    assertThat(ram.err()).contains("is System RAM").contains("--force");
    assertThat(run("write", "0x10000000", "1", "--force", "-m", QEMU).status()).isZero();
    assertThat(run("write", "0x40000000", "256", "-w", "8", "-m", QEMU).err())
        .contains("0x100 does not fit into 8 bits");
    assertThat(run("read", "0x3ffffffc", "-w", "64", "-m", QEMU).err())
        .contains("the range is partly System RAM");
  }

  @Test
  @DisplayName("read and write --ioremap take registers; --persist asks for what they cannot give")
  void registers() {
    assertThat(run("read", "0xfd000010", "--ioremap", "-m", QEMU).out()).isEqualTo("0x00000000\n");
    assertThat(run("read", "0xfd000010", "--ioremap", "--json", "-m", QEMU).out())
        .contains("\"mode\" : \"UC-\"", "\"direct\" : false");
    assertThat(run("write", "0xfd000010", "7", "-w", "64", "--ioremap", "-m", QEMU).out())
        .isEqualTo("8 bytes written at 0xfd000010, UC-\n");
    Outcome persist = run("write", "0xfd000010", "7", "--ioremap", "--persist", "-m", QEMU);
    assertThat(persist.status()).isEqualTo(1);
    assertThat(persist.err()).contains("leave --persist out").hasLineCount(1);
    assertThat(run("write", "0x40000000", "7", "--persist", "-m", QEMU).out())
        .isEqualTo("4 bytes written at 0x40000000, WB, on the media\n");
    Outcome ram = run("read", "0x10000000", "--ioremap", "-m", QEMU);
    assertThat(ram.status()).isEqualTo(1);
    assertThat(ram.err()).contains("ioremap 0x10000000-0x10000003").contains("System RAM");
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
    Outcome outcome = run(line.split("\\|"));
    assertThat(outcome.status()).as(line).isEqualTo(2);
    assertThat(outcome.err())
        .isNotBlank()
        .doesNotContain("\tat ")
        .doesNotContain("mistake in memremap");
  }

  @Test
  @DisplayName("every command has help, and colours stay off where there is no terminal")
  void help() {
    for (String command :
        List.of("run", "iomem", "devices", "explain", "record", "read", "write")) {
      Outcome outcome = run(command, "--help");
      assertThat(outcome.status()).isZero();
      assertThat(outcome.out()).startsWith("Usage: memremap " + command).doesNotContain("\u001b[");
    }
    assertThat(run("generate-completion").out()).contains("complete");
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

  @Test
  @DisplayName("the man pages name every command and every option there is: mvn -Pman writes them")
  void manPagesAreCurrent() throws IOException {
    for (CommandLine command : MemremapCommand.commandLine().getSubcommands().values()) {
      Path page = Path.of("..", "docs", "man", "memremap-" + command.getCommandName() + ".1");
      String text = Files.readString(page).replace("\\-", "-");
      for (CommandLine.Model.OptionSpec option : command.getCommandSpec().options()) {
        assertThat(text).as(page.toString()).contains(option.longestName());
      }
    }
  }
}
