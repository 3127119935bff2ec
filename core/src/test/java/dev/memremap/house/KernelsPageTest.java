// SPDX-License-Identifier: Apache-2.0
package dev.memremap.house;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.internal.kernel.KernelChange;
import dev.memremap.internal.kernel.KernelRules;
import dev.memremap.vectors.KernelVector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** {@code docs/kernels.md} says what the code says. */
class KernelsPageTest {
  private static String page = "";
  private static Map<Integer, List<String>> rows = Map.of();

  @BeforeAll
  static void read() throws IOException {
    page = Files.readString(Path.of("../docs/kernels.md"));
    rows =
        page.lines()
            .filter(line -> line.matches("\\| \\d+ \\|.*"))
            .map(line -> Arrays.stream(line.split("\\|", -1)).map(String::strip).toList())
            .collect(
                Collectors.toMap(cells -> Integer.parseInt(cells.get(1)), Function.identity()));
  }

  @Test
  @DisplayName("the rows are numbered without a gap")
  void numbers() {
    assertThat(rows.keySet())
        .containsExactlyInAnyOrderElementsOf(
            IntStream.rangeClosed(1, rows.size()).boxed().toList());
  }

  @Test
  @DisplayName("C-12 each change of the code has its row, with the releases on either side")
  void changes() {
    assertThat(KernelChange.values())
        .allSatisfy(
            change -> {
              List<String> row = rows.get(change.row());
              assertThat(row).as("row %d", change.row()).isNotNull();
              assertThat(row.get(2).replace("`", "")).isEqualTo(change.what());
              assertThat(row.subList(3, 5)).containsExactly(change.last(), change.first());
              assertThat(row.get(6)).contains("vectors K%02d".formatted(change.row()));
            });
  }

  @Test
  @DisplayName("C-12 a row names its vectors, or was only read")
  void shown() {
    Map<Integer, List<KernelVector>> vectors =
        KernelVector.all().stream().collect(Collectors.groupingBy(KernelVector::row));
    assertThat(rows)
        .allSatisfy(
            (number, row) -> {
              boolean isShown = vectors.containsKey(number);
              assertThat(row.get(6).contains("vectors K%02d".formatted(number)))
                  .as("row %d", number)
                  .isEqualTo(isShown);
              assertThat(row.get(6).contains("only read"))
                  .as("row %d", number)
                  .isNotEqualTo(isShown);
            });
    assertThat(rows.keySet()).containsAll(vectors.keySet());
  }

  @Test
  @DisplayName("C-12 the page lists the series that were read")
  void series() {
    assertThat(page).contains(String.join(", ", KernelRules.READ));
  }
}
