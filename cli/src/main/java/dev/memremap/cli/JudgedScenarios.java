// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.conformance.Judge;
import dev.memremap.conformance.JudgeMachine;
import dev.memremap.conformance.ScratchDirectory;
import dev.memremap.conformance.generator.ScenarioGenerator;
import dev.memremap.scenario.Scenario;
import dev.memremap.scenario.ScenarioFiles;
import dev.memremap.scenario.ScenarioSyntaxException;
import dev.memremap.spi.IoReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Scenarios that a kernel shall judge.
 *
 * @param scenarios them, made when they are asked for
 * @param count how many they are
 * @param complaints what of the files that were named cannot be used
 * @param scratch where generated ones belong, if they are
 */
record JudgedScenarios(
    Iterator<Scenario> scenarios,
    int count,
    List<String> complaints,
    Optional<ScratchDirectory> scratch)
    implements AutoCloseable {

  /** Generates them, for one machine after the other. */
  static JudgedScenarios generated(List<JudgeMachine> machines, Judge judge, long seed, int count) {
    try {
      ScratchDirectory scratch = ScratchDirectory.create("memremap-conformance");
      List<ScenarioGenerator> generators =
          machines.stream()
              .map(
                  machine ->
                      new ScenarioGenerator(
                          machine.terrain(scratch.path(), judge.kernel()), judge.dialect(), seed))
              .toList();
      Iterator<Scenario> scenarios =
          IntStream.range(0, count)
              .mapToObj(i -> generators.get(i % generators.size()).next())
              .iterator();
      return new JudgedScenarios(scenarios, count, List.of(), Optional.of(scratch));
    } catch (IOException e) {
      throw new UncheckedIOException("machine files cannot be made (" + IoReason.of(e) + ")", e);
    }
  }

  /** Reads files and folders of files; what no guest can answer is complained about. */
  static JudgedScenarios named(List<Path> named) {
    List<Scenario> scenarios = new ArrayList<>();
    List<String> complaints = new ArrayList<>();
    for (Path file : ScenarioFiles.toRun(named).files()) {
      try {
        Scenario scenario = Scenario.read(file);
        JudgeMachine.required(scenario);
        scenarios.add(scenario);
      } catch (ScenarioSyntaxException e) {
        complaints.add("memremap: " + e.getMessage());
      }
    }
    if (scenarios.isEmpty() && complaints.isEmpty()) {
      complaints.add("memremap: no *.scenario file to use below " + named.getFirst());
    }
    return new JudgedScenarios(
        scenarios.iterator(), scenarios.size(), complaints, Optional.empty());
  }

  @Override
  public void close() {
    scratch.ifPresent(ScratchDirectory::close);
  }
}
