// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static dev.memremap.cli.CommandRun.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.memremap.conformance.GuestLimits;
import dev.memremap.conformance.KernelExecutor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
        "nothere.scenario; nothere.scenario:1:1: there is no such file"
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
