// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.cli.CommandRun;
import dev.memremap.cli.terminal.Output;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each subcommand of {@code memremap-dev}, where all is well, where its words are wrong, and where
 * its output goes to a full disk or a closed pipe. None of them has {@code --json}: bench writes
 * files of JSON, which {@link BenchGoldenTest} holds against their schema.
 */
class DevExitStatusTest {
  /** A subcommand's lines. */
  private record Row(String good, String bad) {
    String name() {
      return good.split(" ")[0];
    }

    @Override
    public String toString() {
      return good;
    }
  }

  private static final List<Row> TABLE =
      List.of(
          new Row("bench --list", "bench --only nothing"),
          new Row("bench --list --only lookup", "bench --list --quick"),
          new Row("generate-completion", "generate-completion x"),
          new Row("help bench", "help nonsense"));

  private static Stream<Row> rows() {
    return TABLE.stream();
  }

  private static CommandRun run(String line) {
    return CommandRun.of(MemremapDevCommand.commandLine(), line.split(" "));
  }

  @Test
  @DisplayName("the table has every subcommand, and none of them has --json")
  void isWhole() {
    Set<String> tabled = TABLE.stream().map(Row::name).collect(Collectors.toSet());
    var subcommands = MemremapDevCommand.commandLine().getSubcommands();
    assertThat(new TreeSet<>(tabled)).isEqualTo(new TreeSet<>(subcommands.keySet()));
    subcommands
        .values()
        .forEach(each -> assertThat(each.getCommandSpec().findOption("--json")).isNull());
  }

  @ParameterizedTest
  @MethodSource("rows")
  @DisplayName("what is well ends with 0, its answer on standard output and nothing beside it")
  void well(Row row) {
    CommandRun run = run(row.good);
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out()).isNotBlank();
    assertThat(run.err()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("rows")
  @DisplayName("what cannot be used ends with 2, and one sentence on standard error")
  void wrong(Row row) {
    CommandRun run = run(row.bad);
    assertThat(run.status()).as(run.err()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).hasLineCount(1).startsWith("memremap-dev: ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"bench --json", "nonsense --json"})
  @DisplayName("where JSON is asked for and cannot be had, that is an error in JSON")
  void json(String line) {
    CommandRun run = run(line);
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err())
        .isEqualTo("memremap-dev: " + run.json().at("/error/message").asString() + "\n");
  }

  @ParameterizedTest
  @MethodSource("rows")
  @DisplayName("a full disk ends with 3, and the reason on standard error")
  void fullDisk(Row row) throws IOException {
    try (OutputStream full = new FileOutputStream("/dev/full")) {
      CommandRun run =
          CommandRun.into(
              Output.of(full, false), MemremapDevCommand.commandLine(), row.good.split(" "));
      assertThat(run.status()).isEqualTo(3);
      assertThat(run.err())
          .startsWith("memremap-dev: standard output cannot be written (")
          .hasLineCount(1);
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  @DisplayName("a closed pipe ends with 3, in silence")
  void closedPipe(Row row) {
    OutputStream closed =
        new OutputStream() {
          @Override
          public void write(int single) throws IOException {
            throw new IOException("Broken pipe");
          }
        };
    CommandRun run =
        CommandRun.into(
            Output.of(closed, true), MemremapDevCommand.commandLine(), row.good.split(" "));
    assertThat(run.status()).isEqualTo(3);
    assertThat(run.err()).isEmpty();
  }
}
