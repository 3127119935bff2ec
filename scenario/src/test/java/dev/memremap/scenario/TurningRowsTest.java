// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.MachineBuilder.KernelRow;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Which rows turn an answer, found by asking machines that have others. */
class TurningRowsTest {
  private static KernelRow row(int number) {
    return new KernelRow(number, "change " + number, "6.1", "6.12");
  }

  private static Set<KernelRow> rows(int... numbers) {
    return Arrays.stream(numbers).mapToObj(TurningRowsTest::row).collect(Collectors.toSet());
  }

  private static TurningRows turning(
      Set<KernelRow> from, Set<KernelRow> to, Function<Set<KernelRow>, Boolean> answer) {
    return TurningRows.between(from, to, answer);
  }

  @Test
  @DisplayName("the one row that alone turns the answer is found, in either direction")
  void one() {
    Function<Set<KernelRow>, Boolean> asksFor3 = rows -> rows.contains(row(3));
    TurningRows forth = turning(rows(1), rows(1, 2, 3, 4), asksFor3);
    assertThat(forth).isEqualTo(new TurningRows(List.of(row(3)), false));
    assertThat(turning(rows(1, 2, 3, 4), rows(1), asksFor3)).isEqualTo(forth);
    assertThat(forth.sentence()).isEqualTo("row 3 of docs/kernels.md (change 3)");
  }

  @Test
  @DisplayName("of several rows that turn the answer each alone, all are named")
  void each() {
    TurningRows found =
        turning(rows(), rows(5, 2, 12), rows -> rows.contains(row(12)) || rows.contains(row(2)));
    assertThat(found.sentence())
        .isEqualTo("row 2 or row 12 of docs/kernels.md (change 2; change 12)");
  }

  @Test
  @DisplayName("where none turns the answer alone, as few as are needed together are named")
  void together() {
    TurningRows found =
        turning(
            rows(7),
            rows(7, 1, 2, 3, 4),
            rows -> rows.containsAll(rows(1, 4)) || rows.containsAll(rows(2, 3, 4)));
    assertThat(found.rows()).containsExactly(row(2), row(3), row(4));
    assertThat(found.numbers()).isEqualTo("rows 2, 3 and 4 together");
  }

  @Test
  @DisplayName("answers that agree need no row, and those that no row explains have none")
  void none() {
    assertThat(turning(rows(1), rows(2), rows -> true).rows()).isEmpty();
    int[] asked = {0};
    TurningRows found = TurningRows.between(rows(1), rows(1), rows -> asked[0]++);
    assertThat(found.rows()).isEmpty();
    assertThat(found.sentence()).isEqualTo("no row of docs/kernels.md explains it");
  }
}
