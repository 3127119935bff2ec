// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.rule.Rule;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Differences that generated scenarios found beside a running kernel, shrunk: each is settled, by a
 * number or by the same answer.
 */
class SettledDifferencesTest {
  private static final Path SETTLED = Path.of("src/test/resources/settled");

  @ParameterizedTest(name = "{0}, Linux {1}: {2} lines compared, departed by {3}")
  @CsvSource({
    "exit-in-percpu-mode, 6.1, 8, D_18",
    "exit-in-percpu-mode-twice, 6.1, 7, D_18",
    "fs-dax-page-at-zero, 6.1, 5,",
    // MT-2 since 6.5 the fixed MTRRs are asked for all of a range: UC wins
    "into-the-display-window, 6.12, 5,"
  })
  @DisplayName(
      "a difference is a departure with its number, or a mistake of ours that stays mended")
  void settled(String name, String kernel, int compared, @Nullable Rule departure) {
    Summary summary = new Summary();
    summary.add(Corpus.check(SETTLED.resolve(name + ".scenario"), new Kernel(kernel)));
    assertThat(summary.differences()).isZero();
    assertThat(summary.compared()).isEqualTo(compared);
    assertThat(summary.departed()).isEqualTo(departure == null ? Map.of() : Map.of(departure, 1));
  }
}
