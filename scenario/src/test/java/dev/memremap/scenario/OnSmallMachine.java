// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Runs operations on a small machine. */
abstract class OnSmallMachine {
  static final String MAP =
      """
      # phys-bits=40
      # mtrr-uc=0x80000000+0x80000000
      00000000-00000fff : Reserved
      00001000-3fffffff : System RAM
      40000000-4fffffff : Persistent Memory (legacy)
      """;

  @TempDir Path folder;

  @BeforeEach
  void machineFile() throws IOException {
    Files.writeString(folder.resolve("m.iomem"), MAP);
  }

  Scenario scenario(String... operations) {
    return Scenario.parse(folder.resolve("a.scenario"), String.join("\n", operations));
  }

  List<Answer> run(String... operations) {
    return runOn("m.iomem", operations);
  }

  List<Answer> runOn(String machine, String... operations) {
    Scenario scenario = scenario("machine " + machine + "\n" + String.join("\n", operations));
    List<Answer> answers = new ArrayList<>();
    try (ScenarioExecutor executor = MachineExecutor.open(scenario)) {
      scenario.operations().forEach(operation -> answers.add(executor.execute(operation)));
    }
    assertThat(answers.removeFirst().text()).isEqualTo("ok");
    return answers;
  }

  List<String> texts(String... operations) {
    return run(operations).stream().map(Answer::text).toList();
  }
}
