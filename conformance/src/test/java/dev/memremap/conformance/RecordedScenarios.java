// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import dev.memremap.page.MemoryType;
import dev.memremap.scenario.Answer;
import dev.memremap.scenario.Answers;
import dev.memremap.scenario.Kernel;
import dev.memremap.scenario.MachineExecutor;
import dev.memremap.scenario.Operation;
import dev.memremap.scenario.Scenario;
import dev.memremap.scenario.ScenarioExecutor;
import dev.memremap.scenario.Verb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The scenarios whose answers were recorded, asked again. */
final class RecordedScenarios {
  /** Where they are kept. */
  static final Path CORPUS = Path.of("../scenario/src/test/resources/scenarios");

  private final List<String> differences = new ArrayList<>();
  private int lines;

  /** The files of these parts, part by part, sorted. */
  static List<Path> of(String... parts) throws IOException {
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

  /** What this library answers on a machine with this kernel. */
  static List<Answer> ours(Scenario scenario, Kernel kernel) {
    try (ScenarioExecutor executor = MachineExecutor.open(scenario, kernel.version())) {
      return scenario.operations().stream().map(executor::execute).toList();
    }
  }

  /**
   * Holds a kernel's answers against those that were recorded, up to where it cannot follow:
   * Debian's kernels know no PRIVATE pages, and those that recorded did.
   */
  void compare(Scenario scenario, Answers answers, Kernel recordedBy) {
    Answers recorded = Answers.read(recordedBy.answersOf(scenario.path()));
    for (Operation operation : scenario.operations()) {
      String now = answers.at(operation.line()).orElseThrow();
      String then = recorded.at(operation.line()).orElseThrow();
      if (now.equals(then)) {
        lines++;
      } else if (now.equals(Answer.UNSUPPORTED) && isOfPrivateMap(scenario, operation)) {
        if (then.startsWith("ok") || then.equals("error EEXIST")) {
          // it was mapped there, or left something; it is not here
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

  /** Lines that agree; the rest are differences, or could not be carried out by one of the two. */
  int lines() {
    return lines;
  }

  List<String> differences() {
    return differences;
  }
}
