// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a watch of a run sees. */
class StepWatchTest {
  @TempDir private Path folder;

  private Path scenario(String name, String... lines) throws IOException {
    Files.writeString(
        folder.resolve("m.iomem"),
        "# phys-bits=40\n00001000-3fffffff : System RAM\n40000000-7fffffff : Persistent Memory\n");
    return Files.writeString(
        folder.resolve(name), "machine m.iomem\n" + String.join("\n", lines) + "\n");
  }

  @Test
  @DisplayName("a watch sees each operation after its answer, on a machine that has its effect")
  void sees() throws IOException {
    Path file =
        scenario("a.scenario", "pgmap p type=GENERIC range=0x40000000+2M", "remap-pages p", "page 1");
    StringBuilder out = new StringBuilder();
    List<String> seen = new ArrayList<>();
    ScenarioRun run =
        new ScenarioRun(MachineExecutor::open, ScenarioRun.Options.NONE, out, out);
    run.run(
        List.of(file),
        (scenario, executor, operation, answer) -> {
          int maps = ((MachineExecutor) executor).machine().pagemaps().size();
          seen.add("%s %s %d".formatted(operation.verb().word(), answer.text(), maps));
          assertThat(out.toString()).endsWith(operation.line() + ": " + answer.text() + "\n");
        });
    assertThat(seen)
        .containsExactly("machine ok 0", "pgmap ok 0", "remap-pages ok direct=yes 1", "page zone=normal 1");
    List<String> again = new ArrayList<>();
    run.look(
        file,
        (scenario, executor, operation, answer) -> again.add(operation.verb().word()),
        executor -> again.add("end"));
    assertThat(again).containsExactly("machine", "pgmap", "remap-pages", "page", "end");
  }

  @Test
  @DisplayName("a watch of two files is told which is running, and each has its own machine")
  void twoFiles() throws IOException {
    Path a = scenario("a.scenario", "device d");
    Path b = scenario("b.scenario", "device d");
    StringBuilder out = new StringBuilder();
    List<String> seen = new ArrayList<>();
    new ScenarioRun(MachineExecutor::open, ScenarioRun.Options.NONE, out, out)
        .run(
            List.of(a, b),
            (scenario, executor, operation, answer) ->
                seen.add(scenario.path().getFileName() + " " + operation.verb().word()));
    assertThat(seen)
        .containsExactly(
            "a.scenario machine", "a.scenario device", "b.scenario machine", "b.scenario device");
  }
}
