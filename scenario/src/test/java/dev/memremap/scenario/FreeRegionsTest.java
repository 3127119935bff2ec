// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The verb {@code free-region}, on the machine that kernels were asked on. Where it says so, the
 * answers are those that running kernels gave ({@code KernelFactsTest} of module conformance).
 */
class FreeRegionsTest {
  private static final Path MACHINES = Path.of("src/test/resources/scenarios/machines");

  /** Before the colon the operation; behind it the answers of 6.1, and of 7.3 if it differs. */
  private static final List<String> ASKED =
      List.of(
          "free-region 0+0x10000000000 128M : ok start=0xfcf8000000 size=0x8000000",
          "free-region 0+0x10000000000 1M : ok start=0xfcf0000000 size=0x8000000",
          "free-region 0x40000000+256M 64M align=32M : ok start=0x40000000 size=0x4000000",
          "free-region 0x40000000+256M 64M align=128M : ok start=0x48000000 size=0x8000000",
          "free-region 0x40000000+256M 128M align=1M : error ERANGE",
          "device d : ok",
          "free-region 0+0x10000000000 1M dev=d : ok start=0xfce8000000 size=0x8000000",
          "device-release d : ok",
          "free-region 0+0x10000000000 1M : ok start=0xfce8000000 size=0x8000000",
          "free-region 0+0x10000000000 256M : ok start=0xfcd0000000 size=0x10000000"
              + " | ok start=0xfcd8000000 size=0x10000000",
          "free-region 0x100000+0x3ff00000 4M align=2M : error ERANGE"
              + " | ok start=0x200000 size=0x400000");

  private static final List<String> OURS =
      List.of(
          "free-region 0x100000+1M 2M : refused",
          "free-region 0+0x10000000000 0 : refused",
          "free-region 0x40000000+256M 1M align=3M : refused",
          "free-region 0x50000000+224M 128M : error ERANGE");

  private static List<String> answers(String kernel, List<String> facts) {
    List<String> lines = new ArrayList<>(List.of("machine qemu-2g.iomem kernel=" + kernel));
    facts.forEach(fact -> lines.add(fact.split(" : ", 2)[0]));
    String text = String.join("\n", lines) + "\n";
    Scenario scenario = Scenario.parse(MACHINES.resolve("x.scenario"), text);
    try (MachineExecutor executor = MachineExecutor.open(scenario)) {
      return scenario.operations().stream()
          .skip(1)
          .map(executor::execute)
          .map(Answer::text)
          .toList();
    }
  }

  @ParameterizedTest
  @CsvSource({"6.1, 0", "7.3, 1"})
  @DisplayName("RES-11 free ranges are those that running kernels found")
  void asked(String kernel, int column) {
    assertThat(answers(kernel, ASKED))
        .containsExactlyElementsOf(
            ASKED.stream()
                .map(fact -> fact.split(" : ", 2)[1].split(" \\| ", -1))
                .map(answers -> answers[Math.min(column, answers.length - 1)])
                .toList());
  }

  @ParameterizedTest
  @CsvSource({"5.10, unsupported", "6.1, ok start=0x40000000 size=0x4000000"})
  @DisplayName("C-12 what a kernel lacks is unsupported; misuse is refused")
  void lacking(String kernel, String answer) {
    assertThat(answers(kernel, List.of("free-region 0x40000000+256M 64M align=32M : ")))
        .containsExactly(answer);
    assertThat(answers("6.12", OURS))
        .containsExactlyElementsOf(OURS.stream().map(fact -> fact.split(" : ", 2)[1]).toList());
  }
}
