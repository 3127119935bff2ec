// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.page.MemoryType;
import dev.memremap.scenario.Answer;
import dev.memremap.scenario.Answers;
import dev.memremap.scenario.Comparison;
import dev.memremap.scenario.Kernel;
import dev.memremap.scenario.MachineExecutor;
import dev.memremap.scenario.Operation;
import dev.memremap.scenario.Scenario;
import dev.memremap.scenario.ScenarioExecutor;
import dev.memremap.scenario.Summary;
import dev.memremap.scenario.Verb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/** By hand: it fetches kernels of other Debian releases, 200 MB at first. */
@Tag("guest")
@EnabledIfEnvironmentVariable(named = "MEMREMAP_OTHER_KERNELS", matches = ".+")
class OtherKernelsTest {
  /** Where the scenarios whose answers were recorded are kept. */
  private static final Path CORPUS = Path.of("../scenario/src/test/resources/scenarios");

  private final Summary withOurs = new Summary();
  private final List<String> differences = new ArrayList<>();
  private int scenarios;
  private int lines;

  @Test
  @DisplayName("C-12 kernel 5.10 answers maps with a caller's reference as recorded from it")
  void linux510() throws Exception {
    answersAs("5.10", new Kernel("5.10"), List.of("linux-5.10"));
    assertThat(differences).isEmpty();
    assertThat(scenarios).isEqualTo(78);
    assertThat(lines).isGreaterThan(2000);
    assertThat(withOurs.differences()).isZero();
  }

  @Test
  @DisplayName("kernel 6.12 answers every recorded scenario as 6.1 did, and as we do")
  void linux612() throws Exception {
    answersAs("6.12", Kernel.FOLLOWED, List.of("taught", "generated"));
    assertThat(differences).isEmpty();
    assertThat(scenarios).isEqualTo(293);
    assertThat(lines).isGreaterThan(4900);
    assertThat(withOurs.differences()).isZero();
  }

  private void answersAs(String series, Kernel recordedBy, List<String> parts) throws Exception {
    GuestKernel kernel = GuestKernel.fetched(series, System.out::println);
    long begun = System.nanoTime();
    try (KernelExecutor executor = KernelExecutor.of(kernel)) {
      assertThat(executor.kernel()).isEqualTo(new Kernel(series));
      for (Path file : scenariosOf(parts)) {
        Scenario scenario = Scenario.read(file);
        Answers answers = executor.answer(scenario);
        scenarios++;
        againstRecorded(scenario, answers, Answers.read(recordedBy.answersOf(file)));
        withOurs.add(Comparison.of(scenario, ours(scenario), executor.kernel(), answers));
      }
    }
    System.out.printf(
        "on kernel %s: %d scenarios, %d lines as recorded by %s, %.0f s; beside ours: %s%n",
        kernel.release(),
        scenarios,
        lines,
        recordedBy.version(),
        (System.nanoTime() - begun) / 1e9,
        withOurs);
  }

  private static List<Path> scenariosOf(List<String> parts) throws IOException {
    List<Path> files = new ArrayList<>();
    for (String part : parts) {
      try (Stream<Path> folder = Files.list(CORPUS.resolve(part))) {
        folder
            .filter(path -> path.toString().endsWith(".scenario"))
            .sorted()
            .forEachOrdered(files::add);
      }
    }
    return files;
  }

  /** Up to where this kernel cannot follow the one that was recorded, which knew PRIVATE pages. */
  private void againstRecorded(Scenario scenario, Answers answers, Answers recorded) {
    for (Operation operation : scenario.operations()) {
      String now = answers.at(operation.line()).orElseThrow();
      String then = recorded.at(operation.line()).orElseThrow();
      if (now.equals(then)) {
        lines++;
      } else if (now.equals(Answer.UNSUPPORTED) && isOfPrivateMap(scenario, operation)) {
        if (then.startsWith("ok") || then.equals("error EEXIST")) {
          return;
        }
      } else if (!then.equals(Answer.UNSUPPORTED)) {
        differences.add(
            "%s:%d: %s: recorded %s, now %s"
                .formatted(
                    scenario.path(), operation.line(), scenario.textOf(operation), then, now));
      }
    }
  }

  private static boolean isOfPrivateMap(Scenario scenario, Operation operation) {
    return operation.verb() == Verb.REMAP_PAGES
        && scenario
            .map(operation.names().getFirst())
            .filter(map -> map.isOf(MemoryType.PRIVATE))
            .isPresent();
  }

  private static List<Answer> ours(Scenario scenario) {
    try (ScenarioExecutor executor = MachineExecutor.open(scenario)) {
      return scenario.operations().stream().map(executor::execute).toList();
    }
  }
}
