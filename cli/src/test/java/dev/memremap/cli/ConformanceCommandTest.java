// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static dev.memremap.cli.CommandRun.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.memremap.cli.terminal.OutputException;
import dev.memremap.conformance.Conformance;
import dev.memremap.conformance.Finding;
import dev.memremap.conformance.GuestLimits;
import dev.memremap.conformance.KernelExecutor;
import dev.memremap.scenario.Answer;
import dev.memremap.scenario.Answers;
import dev.memremap.scenario.Comparison;
import dev.memremap.scenario.Kernel;
import dev.memremap.scenario.Scenario;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConformanceCommandTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '"',
      value = {
        "--seed 3 a.scenario; FILE is instead of generated scenarios",
        "--scenarios 0; are at least 1",
        "--kernel seven; 'seven' is not a kernel's version",
        "nothere.scenario; nothere.scenario:1:1: no such file"
      })
  @DisplayName("what cannot be used gets one sentence before anything is booted")
  void unusable(String line, String sentence) {
    CommandRun outcome = run(("conformance " + line).split(" ", -1));
    assertThat(outcome.status()).isEqualTo(2);
    assertThat(outcome.err()).contains(sentence).doesNotContain("\tat ");
    assertThat(outcome.out()).isEmpty();
  }

  @Test
  @DisplayName("a patience that makes no sense gets one sentence before anything is booted")
  void patience() {
    System.setProperty(GuestLimits.PROPERTY, "much");
    try {
      CommandRun outcome = run("conformance");
      assertThat(outcome.status()).isEqualTo(2);
      assertThat(outcome.err())
          .isEqualTo(
              "memremap: dev.memremap.guest.patience is a number above 0 and at most 1000, not"
                  + " 'much'\n");
      assertThat(outcome.out()).isEmpty();
    } finally {
      System.clearProperty(GuestLimits.PROPERTY);
    }
  }

  @Test
  @DisplayName("a machine that no guest has is named, with its place")
  void noGuest() throws IOException {
    Files.writeString(folder.resolve("m.iomem"), "00001000-0009ffff : System RAM\n");
    Path file = Files.writeString(folder.resolve("a.scenario"), "machine m.iomem\nregion 0 1\n");
    CommandRun outcome = run("conformance", file.toString());
    assertThat(outcome.status()).isEqualTo(2);
    assertThat(outcome.err())
        .contains(file + ":1:9: no guest has this machine", "qemu-2g.iomem and qemu-3g.iomem");
  }

  @Test
  @DisplayName("what cannot be saved is shown all the same, and ends with 3")
  void notSaved() throws IOException {
    Files.writeString(folder.resolve("m.iomem"), "00001000-0009ffff : System RAM\n");
    Path file = Files.writeString(folder.resolve("a.scenario"), "machine m.iomem\nregion 0 1\n");
    Scenario scenario = Scenario.read(file);
    List<Answer> ours = List.of(Answer.of("ok"), Answer.of("DISJOINT"));
    Answers theirs = Answers.parse(folder.resolve("a.answers"), "1: ok\n2: MIXED\n");
    Kernel kernel = new Kernel("6.1");
    Finding finding =
        new Finding.Differs(
            new Conformance.Outcome(ours, theirs, Comparison.live(scenario, ours, kernel, theirs)),
            kernel);
    Path taken = Files.writeString(folder.resolve("taken"), "no folder\n");
    StringWriter shown = new StringWriter();
    OutputException lost =
        ConformanceCommand.report(List.of(finding, finding), taken, new PrintWriter(shown, true));
    assertThat(lost).isNotNull().hasMessageMatching(taken + "/m cannot be written \\(.+\\)");
    assertThat(shown.toString().lines())
        .filteredOn(line -> line.equals("not saved: 2 operations are left"))
        .hasSize(2);
    assertThat(shown.toString()).contains("ours   DISJOINT", "6.1    MIXED");
    shown.getBuffer().setLength(0);
    Path save = folder.resolve("saved");
    assertThat(ConformanceCommand.report(List.of(finding), save, new PrintWriter(shown, true)))
        .isNull();
    assertThat(shown.toString()).contains(save.resolve("m/a.scenario") + ": 2 operations");
  }

  @Test
  @Tag("guest")
  @DisplayName("generated scenarios are judged by a kernel, and the seed is said first")
  void judged() {
    assumeThat(KernelExecutor.whatIsMissing()).isEmpty();
    CommandRun outcome =
        run("conformance", "--seed", "11", "--scenarios", "12", "--guest", "qemu-3g");
    assertThat(outcome.status()).isZero();
    assertThat(outcome.out())
        .startsWith("Linux 6.1.")
        .contains(", seed 11, 12 scenarios\n", "12 scenarios, ", " 0 differences\n", "lookup ");
  }
}
