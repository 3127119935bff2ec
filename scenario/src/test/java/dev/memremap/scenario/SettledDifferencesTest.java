// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.rule.Rule;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Differences that generated scenarios found beside a running kernel, shrunk: each is settled, by a
 * number or by the same answer.
 */
class SettledDifferencesTest {
  private static final Path SETTLED = Path.of("src/test/resources/settled");

  private static Summary check(String name) {
    return check(name, Kernel.FOLLOWED);
  }

  private static Summary check(String name, Kernel kernel) {
    Summary summary = new Summary();
    ScenarioRun run =
        new ScenarioRun(
            MachineExecutor::open,
            ScenarioRun.Options.NONE,
            new StringBuilder(),
            new StringBuilder());
    summary.add(run.check(SETTLED.resolve(name + ".scenario"), kernel));
    return summary;
  }

  @ParameterizedTest
  @CsvSource({"exit-in-percpu-mode, D_18"})
  @DisplayName("a difference that is a departure carries its number, and is no difference any more")
  void departs(String name, Rule rule) {
    Summary summary = check(name);
    assertThat(summary.differences()).isZero();
    assertThat(summary.departed()).isEqualTo(Map.of(rule, 1));
  }

  @ParameterizedTest
  @ValueSource(strings = "fs-dax-page-at-zero")
  @DisplayName("a mistake of ours is mended, and stays so")
  void mended(String name) {
    Summary summary = check(name);
    assertThat(summary.differences()).isZero();
    assertThat(summary.departed()).isEmpty();
  }

  @Test
  @DisplayName("MT-2 a kernel since 6.5 asks the fixed MTRRs for all of a range: UC wins")
  void fixedMtrrs() {
    Summary summary = check("into-the-display-window", new Kernel("6.12"));
    assertThat(summary.differences()).isZero();
    assertThat(summary.compared()).isEqualTo(5);
  }
}
