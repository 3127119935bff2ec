// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.conformance.generator.ScenarioGenerator;
import dev.memremap.scenario.Answers;
import dev.memremap.scenario.Comparison;
import dev.memremap.scenario.Operation;
import dev.memremap.scenario.Scenario;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * By hand, {@code -Ddev.memremap.record=7.3}: writes generated scenarios and a kernel's answers to
 * them, which {@code RecordedAnswersTest} compares with ours.
 */
@Tag("guest")
@EnabledIfSystemProperty(named = "dev.memremap.record", matches = ".+")
@Isolated // its guest is asked for minutes
class RecordingTest {
  private static final long SEED = 20261201;
  private static final int OF_EACH_MACHINE = 160;

  @TempDir private Path folder;

  @Test
  @DisplayName("a kernel's answers to generated scenarios are ours, and are recorded")
  void record() throws Exception {
    GuestKernel kernel = GuestKernel.fetched(System.getProperty("dev.memremap.record"), line -> {});
    Path recorded = RecordedScenarios.CORPUS.resolve("linux-" + kernel.series());
    Files.createDirectories(recorded);
    try (KernelExecutor judge = KernelExecutor.of(kernel)) {
      for (JudgeMachine machine : JudgeMachine.values()) {
        ScenarioGenerator generator =
            new ScenarioGenerator(
                machine.terrain(folder, judge.kernel()), judge.dialect(), SEED + machine.ordinal());
        for (int i = 1; i <= OF_EACH_MACHINE; i++) {
          Scenario scenario = generator.next();
          Answers answers = judge.answer(scenario);
          Comparison comparison =
              Comparison.live(
                  scenario,
                  RecordedScenarios.ours(scenario, judge.kernel()),
                  judge.kernel(),
                  answers);
          assertThat(comparison.differences()).isEmpty();
          String name = "m%d%03d".formatted(machine.ordinal() + 2, i);
          write(scenario, answers, judge, recorded.resolve(name + ".scenario"));
        }
      }
    }
  }

  /** Without comments, and so that the machine file is found where it is kept. */
  private static void write(Scenario scenario, Answers answers, Judge judge, Path file)
      throws IOException {
    List<String> lines = new ArrayList<>();
    List<String> said = new ArrayList<>();
    for (Operation operation : scenario.operations()) {
      lines.add(scenario.textOf(operation).replaceFirst("^machine ", "machine ../machines/"));
      said.add(lines.size() + ": " + answers.at(operation.line()).orElseThrow());
    }
    Files.write(file, lines);
    Files.write(judge.kernel().answersOf(file), said);
  }
}
