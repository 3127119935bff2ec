// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static dev.memremap.plan.MemremapFlag.WC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.memremap.MachineBuilder.KernelRow;
import dev.memremap.internal.kernel.KernelChange;
import dev.memremap.machine.MachineDescription;
import dev.memremap.resource.PhysRange;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** C-12: the rows of {@code docs/kernels.md}, and machines that have one of them alone. */
class KernelRowTest {
  /** RAM in a window, which 5.10 does not see, and where MTRRs are off. */
  private static final MachineDescription MACHINE =
      MachineDescription.parse(
          """
          # mtrr=off
          # memtype=
          # phys-bits=40
          00100000-3fffffff : System RAM
          40000000-7fffffff : CXL Window 0
            40000000-4fffffff : System RAM (kmem)
          """);

  private static Set<Integer> numbers(Set<KernelRow> rows) {
    return rows.stream().map(KernelRow::number).collect(Collectors.toSet());
  }

  private static KernelRow row(int number) {
    return KernelRow.of("7.3").stream()
        .filter(row -> row.number() == number)
        .findFirst()
        .orElseThrow();
  }

  @Test
  @DisplayName("C-12 the oldest kernel has no row, the newest has all, and a later one has more")
  void rowsOfKernels() {
    assertThat(KernelRow.of("5.10")).isEmpty();
    assertThat(numbers(KernelRow.of("7.3")))
        .isEqualTo(
            Arrays.stream(KernelChange.values()).map(KernelChange::row).collect(Collectors.toSet()))
        .contains(9, 11);
    assertThat(numbers(KernelRow.of("6.1"))).contains(9).doesNotContain(24, 11);
    assertThat(KernelRow.of("6.8.0-45-generic")).isEqualTo(KernelRow.of("6.1"));
    assertThat(row(9))
        .isEqualTo(new KernelRow(9, "region_intersects looks inside windows", "5.10", "6.1"));
  }

  private static String answer(Set<KernelRow> rows, String place) {
    try (Machine machine = Machine.builder(MACHINE).kernel("5.10").kernelRows(rows).build()) {
      PhysRange range = PhysRange.parse(place);
      return machine.explain(range.start(), range.sizeBytes(), WC.bit()).lines().getFirst();
    }
  }

  @Test
  @DisplayName("RI-4 a machine has the rows that it was given, and no other of its kernel's")
  void alone() {
    String window = "0x40000000+4K";
    assertThat(answer(Set.of(), window)).startsWith("granted");
    assertThat(answer(KernelRow.of("6.1"), window)).startsWith("refused");
    assertThat(answer(Set.of(row(9)), window)).startsWith("refused");
    assertThat(answer(Set.of(row(18)), window)).startsWith("granted");
  }

  @Test
  @DisplayName("a row that no machine can follow is refused by its number")
  void unknown() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                Machine.builder(MACHINE)
                    .kernelRows(Set.of(new KernelRow(16, "the line", "6.1", "6.12"))))
        .withMessage("a machine cannot follow row 16 of docs/kernels.md");
  }
}
