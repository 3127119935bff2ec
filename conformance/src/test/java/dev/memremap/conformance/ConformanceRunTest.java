// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.memremap.conformance.generator.Dialect;
import dev.memremap.conformance.generator.Dialect.Feature;
import dev.memremap.conformance.generator.ScenarioGenerator;
import dev.memremap.page.MemoryType;
import dev.memremap.scenario.Kernel;
import dev.memremap.scenario.MachineExecutor;
import dev.memremap.scenario.Scenario;
import dev.memremap.scenario.ScenarioRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ConformanceRunTest {
  @TempDir private Path folder;

  private Iterator<Scenario> scenarios(JudgeMachine machine, Judge judge, long seed) {
    ScenarioGenerator generator =
        new ScenarioGenerator(machine.terrain(folder, judge.kernel()), judge.dialect(), seed);
    return Stream.generate(generator::next).limit(250).iterator();
  }

  private Iterator<Scenario> scenarios() {
    return scenarios(JudgeMachine.QEMU_2G, linux("6.1"), 5);
  }

  /** What Debian's kernels speak: the one we follow, one from before, and today's. */
  static Stream<Arguments> examiners() {
    List<Judge> judges = List.of(new LibraryJudge(), linux("6.1"), linux("5.10"), linux("7.3"));
    return Stream.of(JudgeMachine.values())
        .flatMap(machine -> judges.stream().map(judge -> Arguments.of(machine, judge, 1L)));
  }

  /** What stands in for Debian's kernel of a series: it can be asked what that can be asked. */
  private static Judge linux(String series) {
    Kernel kernel = new Kernel(series);
    EnumSet<MemoryType> types = EnumSet.allOf(MemoryType.class);
    EnumSet<Feature> features =
        EnumSet.of(Feature.COMPOUND_PAGES, Feature.HAND_OUTS, Feature.FREE_REGIONS);
    if (kernel.isAtLeast(7, 0)) {
      features.add(Feature.ORDERS);
    } else {
      features.add(Feature.HEADS_ANYWHERE);
      types.remove(MemoryType.PRIVATE);
    }
    if (!kernel.isAtLeast(6, 1)) {
      types.remove(MemoryType.COHERENT);
      features = EnumSet.of(Feature.CALLERS_REFERENCE, Feature.HEADS_ANYWHERE);
    }
    return new LibraryJudge(kernel, new Dialect(types, features));
  }

  @ParameterizedTest
  @MethodSource("examiners")
  @DisplayName("nothing is found where both say the same, and no examiner falls short of anything")
  void agreed(JudgeMachine machine, Judge judge, long seed) throws Exception {
    ConformanceRun.Result result =
        new ConformanceRun(judge, MachineExecutor::open, 1)
            .compare(scenarios(machine, judge, seed), (done, findings) -> {});
    assertThat(result.findings()).isEmpty();
    assertThat(result.stopped()).isFalse();
    assertThat(result.summary().scenarios()).isEqualTo(250);
    // both are this library: nothing is left over from a map that failed
    assertThat(result.coverage().shortcomings())
        .as(result.coverage().shares())
        .containsExactly("no answer was 'error EEXIST'");
  }

  @Test
  @DisplayName("an operation that never comes, and one whose answers are few, are shortcomings")
  void tooEasy() throws Exception {
    Scenario easy =
        Scenario.parse(
            JudgeMachine.QEMU_2G
                .terrain(folder, Kernel.FOLLOWED)
                .directory()
                .resolve("easy.scenario"),
            "machine qemu-2g.iomem\nregion 0x1000 0x1000\nregion 0 1\n");
    ConformanceRun.Result result =
        new ConformanceRun(new LibraryJudge(), MachineExecutor::open, 1)
            .compare(List.of(easy).iterator(), (done, findings) -> {});
    assertThat(result.coverage().shortcomings())
        .contains(
            "ref-kill was never asked",
            "page maps have a share of 0.00 %",
            "no answer was 'busy'",
            "no answer was 'MIXED'");
  }

  @Test
  @DisplayName("a difference is shrunk to what it needs, explained, saved, and found again there")
  void differs() throws Exception {
    Judge judge =
        new LibraryJudge() {
          @Override
          String said(String operation, String right) {
            return operation.startsWith("put ") && right.equals("ok") ? "busy" : right;
          }
        };
    ConformanceRun.Result result =
        new ConformanceRun(judge, MachineExecutor::open, 2)
            .compare(scenarios(), (done, findings) -> {});
    assertThat(result.findings()).hasSize(2);
    assertThat(result.stopped()).isTrue();
    Finding finding = result.findings().getFirst();
    assertThat(finding.scenario().operations().stream().map(finding.scenario()::textOf))
        .as("machine, pgmap, remap-pages, lookup, put")
        .hasSize(5);
    assertThat(finding.explanation())
        .contains("!   5: put l", "       ours   ok\n", "       6.1    busy\n");

    Path saved = finding.save(folder.resolve("findings"));
    StringBuilder out = new StringBuilder();
    ScenarioRun.Outcome status =
        new ScenarioRun(MachineExecutor::open, ScenarioRun.Options.NONE, out, out)
            .check(List.of(saved), Kernel.FOLLOWED);
    assertThat(status).isEqualTo(ScenarioRun.Outcome.DIFFERENCES);
    assertThat(out.toString()).contains(saved + ":5: put l", "busy", "1 differences");

    Path taken = folder.resolve("taken");
    Path scenario = taken.resolve(saved.getFileName());
    Files.createDirectories(Kernel.FOLLOWED.answersOf(scenario));
    assertThatIOException().isThrownBy(() -> finding.save(taken));
    assertThat(scenario).as("a scenario whose answers cannot be written").doesNotExist();
  }

  private List<Scenario> easy(int count) {
    Path directory = JudgeMachine.QEMU_2G.terrain(folder, Kernel.FOLLOWED).directory();
    return IntStream.range(0, count)
        .mapToObj(
            i ->
                Scenario.parse(
                    directory.resolve("easy-%d.scenario".formatted(i)),
                    "machine qemu-2g.iomem\nregion 0x1000 0x1000\n"))
        .toList();
  }

  @ParameterizedTest(name = "at most {0}")
  @CsvSource({"2, 2, true", "3, 3, false", "4, 3, false"})
  @DisplayName("a run stops at as many findings as it may have, if scenarios are left then")
  void stops(int most, int found, boolean stopped) throws Exception {
    Judge wrong =
        new LibraryJudge() {
          @Override
          String said(String operation, String right) {
            return operation.startsWith("region") ? "MIXED" : right;
          }
        };
    List<String> progress = new ArrayList<>();
    ConformanceRun.Result result =
        new ConformanceRun(wrong, MachineExecutor::open, most)
            .compare(easy(3).iterator(), (done, findings) -> progress.add(done + ":" + findings));
    assertThat(result.findings()).hasSize(found);
    assertThat(result.stopped()).isEqualTo(stopped);
    assertThat(result.summary().scenarios()).isEqualTo(found);
    // once before a difference is shrunk, once after
    assertThat(progress)
        .isEqualTo(List.of("0:1", "1:1", "1:2", "2:2", "2:3", "3:3").subList(0, 2 * found));
  }

  @ParameterizedTest(name = "{0} generated: {1}")
  @CsvSource({"199, false", "200, true", "201, true"})
  @DisplayName("200 generated scenarios leave nothing out, or that is said")
  void tooFewToTell(int generated, boolean said) throws Exception {
    ConformanceRun.Result result =
        new ConformanceRun(new LibraryJudge(), MachineExecutor::open, 1)
            .compare(easy(1).iterator(), (done, findings) -> {});
    assertThat(result.shortcomings(generated))
        .isEqualTo(said ? result.coverage().shortcomings() : List.of());
    ConformanceRun.Result stopped =
        new ConformanceRun.Result(
            result.summary(), result.coverage(), result.findings(), true, Optional.empty());
    assertThat(stopped.shortcomings(generated)).isEmpty();
  }
}
