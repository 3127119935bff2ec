// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.conformance.generator.ScenarioGenerator;
import dev.memremap.page.MemoryType;
import dev.memremap.scenario.Answer;
import dev.memremap.scenario.Answers;
import dev.memremap.scenario.Arguments;
import dev.memremap.scenario.Comparison;
import dev.memremap.scenario.Difference;
import dev.memremap.scenario.Kernel;
import dev.memremap.scenario.MachineExecutor;
import dev.memremap.scenario.Scenario;
import dev.memremap.testing.LoggedLines;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * This library held against a real kernel: the recorded scenarios, and generated ones. Each guest
 * is booted once.
 */
@Tag("guest")
class KernelConformanceTest {
  private static final long SEED = 20261123;
  private static final int FIXED = 200;
  private static final int OWN = 50;

  /** The seed where the sources are in no repository. */
  private static final long NO_COMMIT = 1;

  private static @Nullable KernelExecutor judge;

  @BeforeAll
  static void possible() {
    Guests.assumePossible();
    Guests.assumeNothingMissing(KernelExecutor.whatIsMissing());
    judge = KernelExecutor.of(GuestKernel.find());
  }

  @AfterAll
  static void end() {
    if (judge != null) {
      judge.close();
    }
  }

  @Test
  @DisplayName("the kernel answers 200 generated scenarios as we do, and they leave nothing out")
  void sameScenarios(@TempDir Path folder) throws Exception {
    ConformanceRun.Result result = generated(folder, SEED, FIXED);
    assertThat(result.coverage().shortcomings()).isEmpty();
  }

  @Test
  @DisplayName("the kernel answers 50 scenarios of the commit's own as we do")
  void scenariosOfTheCommit(@TempDir Path folder) throws Exception {
    Long given = Long.getLong("dev.memremap.seed");
    generated(folder, given == null ? seedOfCommit() : given, OWN);
  }

  private static ConformanceRun.Result generated(Path folder, long seed, int count)
      throws Exception {
    KernelExecutor kernel = Objects.requireNonNull(judge);
    ScenarioGenerator generator =
        new ScenarioGenerator(
            JudgeMachine.QEMU_2G.terrain(folder, kernel.kernel()), kernel.dialect(), seed);
    long begun = System.nanoTime();
    ConformanceRun.Result result =
        new ConformanceRun(kernel, MachineExecutor::open, 5)
            .compare(
                Stream.generate(generator::next).limit(count).iterator(), (done, findings) -> {});
    System.out.printf(
        "generated, seed %d: %s, %.0f s%n",
        seed, result.summary(), (System.nanoTime() - begun) / 1e9);
    for (Finding finding : result.findings()) {
      System.out.println(finding.save(Path.of("target/conformance")));
      System.out.println(finding.explanation());
    }
    assertThat(result.findings())
        .as("seed %d; -Ddev.memremap.seed=%1$d has scenariosOfTheCommit draw with it", seed)
        .isEmpty();
    assertThat(result.summary().scenarios()).isEqualTo(count);
    return result;
  }

  /** New scenarios with each commit, the same ones for the same commit. */
  private static long seedOfCommit() throws InterruptedException {
    try {
      Process git = new ProcessBuilder("git", "rev-parse", "HEAD").start();
      String hash = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return git.waitFor() == 0 ? Long.parseLong(hash.substring(0, 12), 16) : NO_COMMIT;
    } catch (IOException noGit) {
      return NO_COMMIT;
    }
  }

  @Test
  @DisplayName("the kernel answers every recorded scenario as recorded, and as we do")
  void everyRecordedScenario() throws Exception {
    List<String> differences = new ArrayList<>();
    RecordedScenarios recorded = new RecordedScenarios();
    int compared = 0;
    int scenarios = 0;
    long begun = System.nanoTime();
    KernelExecutor executor = Objects.requireNonNull(judge);
    assertThat(executor.kernel()).isEqualTo(Kernel.FOLLOWED);
    for (Path file : RecordedScenarios.of("taught", "generated")) {
      Scenario scenario = Scenario.read(file);
      Answers answers = executor.answer(scenario);
      scenarios++;
      recorded.compare(scenario, answers, Kernel.FOLLOWED);
      Comparison comparison =
          Comparison.of(
              scenario,
              RecordedScenarios.ours(scenario, Kernel.FOLLOWED),
              executor.kernel(),
              answers);
      compared += comparison.compared();
      comparison.differences().stream()
          .filter(difference -> !isBeyondPrivate(scenario, comparison, answers, difference))
          .forEach(difference -> differences.add(difference.toString()));
    }
    System.out.printf(
        "recorded: %d scenarios, %d lines as recorded, %d held against ours, %.0f s%n",
        scenarios, recorded.lines(), compared, (System.nanoTime() - begun) / 1e9);
    assertThat(recorded.differences()).isEmpty();
    assertThat(differences).isEmpty();
    assertThat(scenarios).isEqualTo(293);
    assertThat(recorded.lines()).isGreaterThan(4900);
  }

  @Test
  @DisplayName("what differed once and was settled is what the kernel answers")
  void settledDifferences() throws Exception {
    try (Stream<Path> files = Files.list(RecordedScenarios.CORPUS.resolveSibling("settled"))) {
      List<Path> scenarios =
          files.filter(path -> path.toString().endsWith(".scenario")).sorted().toList();
      assertThat(scenarios).isNotEmpty();
      for (Path file : scenarios) {
        Scenario scenario = Scenario.read(file);
        assertThat(Objects.requireNonNull(judge).answer(scenario).byLine())
            .as(file.toString())
            .isEqualTo(Answers.read(Kernel.FOLLOWED.answersOf(file)).byLine());
      }
    }
  }

  @Test
  @DisplayName("a scenario whose QEMU is killed is asked again of a new guest, and that is logged")
  void killed(@TempDir Path folder) throws Exception {
    Path file =
        JudgeMachine.QEMU_2G
            .terrain(folder, Kernel.FOLLOWED)
            .directory()
            .resolve("killed.scenario");
    Scenario scenario = Scenario.parse(file, "machine qemu-2g.iomem\nregion 0x1000 1\n");
    try (KernelExecutor mortal = KernelExecutor.of(GuestKernel.find())) {
      assertThat(mortal.answer(scenario).at(2)).contains("INTERSECTS");
      ProcessHandle guest = guests().getLast();
      guest.destroyForcibly();
      guest.onExit().get();
      try (LoggedLines log = new LoggedLines("dev.memremap.conformance")) {
        assertThat(mortal.answer(scenario).at(2)).contains("INTERSECTS");
        assertThat(log.lines())
            .singleElement(InstanceOfAssertFactories.STRING)
            .startsWith("A new guest is asked (2 of 3): QEMU was killed by signal 9 (SIGKILL)")
            .contains(file + ":1: machine qemu-2g.iomem");
      }
    }
  }

  /** The last one started comes last. */
  private static List<ProcessHandle> guests() {
    return ProcessHandle.current()
        .children()
        .filter(child -> child.info().command().orElse("").contains("qemu"))
        .sorted(Comparator.comparing(child -> child.info().startInstant().orElseThrow()))
        .toList();
  }

  /**
   * Whether the list of departures names a line that the kernel that wrote it could answer, and
   * this one cannot: a PRIVATE map, or what lies beyond one.
   */
  private static boolean isBeyondPrivate(
      Scenario scenario, Comparison comparison, Answers answers, Difference difference) {
    boolean unanswered =
        answers.at(difference.line()).filter(Answer.UNSUPPORTED::equals).isPresent();
    return (comparison.parted() || unanswered)
        && scenario.operations().stream()
            .anyMatch(
                operation ->
                    operation.arguments() instanceof Arguments.Pgmap map
                        && map.isOf(MemoryType.PRIVATE));
  }

  @Test
  @DisplayName("a machine that no guest has is refused")
  void unknownMachine() {
    Scenario scenario =
        Scenario.parse(
            RecordedScenarios.CORPUS.resolve("taught/none.scenario"), "machine host\nregion 0 1\n");
    assertThat(JudgeMachine.of(scenario)).isEqualTo(Optional.empty());
  }
}
