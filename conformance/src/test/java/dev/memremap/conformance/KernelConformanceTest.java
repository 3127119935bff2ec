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
import dev.memremap.scenario.Summary;
import dev.memremap.testing.LoggedLines;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * This library held against a real kernel: the recorded scenarios, and generated ones. Each guest
 * is booted once.
 */
@Tag("guest")
@Isolated // its guests take both processors
class KernelConformanceTest {
  private static final long SEED = Long.getLong("dev.memremap.seed", 20261123);
  private static final int GENERATED = 100;
  private static final String TODAYS = "7.3";

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
  @DisplayName("today's kernel and the one we follow answer 100 generated scenarios each as we do")
  void generatedScenarios(@TempDir Path folder) throws Exception {
    KernelExecutor followed = Objects.requireNonNull(judge);
    // both guests answer at once: each has one processor
    try (KernelExecutor newest = KernelExecutor.of(Guests.hereOrFetched(TODAYS));
        ExecutorService both = Executors.newFixedThreadPool(2)) {
      List<Future<?>> runs =
          Stream.of(followed, newest)
              .<Future<?>>map(one -> both.submit(() -> generated(folder, one)))
              .toList();
      for (Future<?> run : runs) {
        run.get();
      }
    }
  }

  /** What they leave out is not looked at: the runs of CI are longer, and see to that. */
  private static Summary generated(Path folder, KernelExecutor kernel) throws Exception {
    String series = kernel.kernel().version();
    ScenarioGenerator generator =
        new ScenarioGenerator(
            JudgeMachine.QEMU_2G.terrain(folder.resolve(series), kernel.kernel()),
            kernel.dialect(),
            SEED);
    long begun = System.nanoTime();
    ConformanceRun.Result result =
        new ConformanceRun(kernel, MachineExecutor::open, 5)
            .compare(
                Stream.generate(generator::next).limit(GENERATED).iterator(),
                (done, findings) -> {});
    System.out.printf(
        "generated, seed %d, Linux %s: %s, %.0f s%n",
        SEED, series, result.summary(), (System.nanoTime() - begun) / 1e9);
    for (Finding finding : result.findings()) {
      System.out.println(finding.save(Path.of("target/conformance", series)));
      System.out.println(finding.explanation());
    }
    assertThat(result.findings()).as("Linux %s, -Ddev.memremap.seed=%d", series, SEED).isEmpty();
    assertThat(result.summary().scenarios()).isEqualTo(GENERATED);
    return result.summary();
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
