// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.Machine;
import dev.memremap.cli.terminal.Letters;
import dev.memremap.machine.MachineDescription;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** C-12: what several kernels answer to one question, on machines where some answer otherwise. */
class ExplainSidesTest {
  /** RAM in a window, which 5.10 does not see. */
  private static final String WINDOW =
      """
      # mtrr-uc=
      # memtype=
      # phys-bits=40
      00100000-3fffffff : System RAM
      40000000-7fffffff : CXL Window 0
        40000000-4fffffff : System RAM (kmem)
      """;

  private static ExplainSides sides(String machine, String where, String flags, String kernels) {
    MachineDescription description = MachineDescription.parse(machine);
    Where place = Where.parse(where);
    Words.Asked asked = Words.Asked.of(flags);
    return new ExplainSides(
        List.of(kernels.split(",")),
        (kernel, rows, look) -> {
          try (Machine on = Machine.builder(description).kernel(kernel).kernelRows(rows).build()) {
            Where.Spot spot = place.on(on);
            look.accept(
                new ExplainView(
                    spot, asked, on.explain(spot.start(), spot.size(), asked.flags()), on, true));
          }
        });
  }

  private static List<String> lines(ExplainSides sides) {
    return sides.lines(Integer.MAX_VALUE, Letters.UTF_8);
  }

  @Test
  @DisplayName("RI-4 each part that differs has a line for each kernel, and the row that turns it")
  void window() {
    ExplainSides sides = sides(WINDOW, "0x40000000+4K", "WC", "5.10,6.1,7.3");
    assertThat(sides.isGrantedAlike()).isFalse();
    assertThat(lines(sides))
        .contains("5.10, 6.1 and 7.3 part for 0x40000000-0x40000fff WC:")
        .contains("  answer             5.10  granted: MT-4, WC gives a new mapping, WC")
        .contains("  region_intersects  5.10  DISJOINT", "                     7.3   INTERSECTS")
        .contains(
            "  nearest            5.10  -",
            "5.10 and 6.1 part by row 9 of docs/kernels.md (region_intersects looks inside"
                + " windows)")
        .noneMatch(line -> line.startsWith("6.1 and 7.3 part"));
  }

  @Test
  @DisplayName("the order of the kernels does not matter to the row")
  void backwards() {
    assertThat(lines(sides(WINDOW, "0x40000000+4K", "WC", "7.3,5.10")))
        .contains(
            "7.3 and 5.10 part by row 9 of docs/kernels.md (region_intersects looks inside"
                + " windows)");
  }

  @Test
  @DisplayName("MT-2 kernels that all grant it, with other modes, part by row 18")
  void modes() {
    ExplainSides sides =
        sides(WINDOW.replace("mtrr-uc=", "mtrr=off"), "0x60000000+4K", "WB", "5.10,6.1");
    assertThat(sides.isGrantedAlike()).isFalse();
    assertThat(lines(sides))
        .contains("5.10 and 6.1 part by row 18 of docs/kernels.md (WB where the MTRRs are off)")
        .anyMatch(line -> line.endsWith("5.10  granted: MT-5, WB gives a new mapping, WB"))
        .anyMatch(line -> line.endsWith("6.1   granted: MT-2, WB gives a new mapping, UC-"));
  }

  @Test
  @DisplayName("MR-9 kernels that map alike but for the encryption part by row 8")
  void encryption() {
    ExplainSides sides =
        sides(
            WINDOW.replace("# memtype", "# mem-encrypt=tdx\n# memtype"),
            "0x60000000+4K",
            "WB",
            "6.14,6.18");
    assertThat(sides.isGrantedAlike()).isFalse();
    assertThat(lines(sides))
        .contains("  encrypted  6.14  no", "             6.18  yes")
        .anyMatch(line -> line.startsWith("6.14 and 6.18 part by row 8 of docs/kernels.md ("));
  }

  @Test
  @DisplayName("Soft Reserved memory lies apart by row 11, and an agreement is said in one line")
  void softReserved() {
    String machine = WINDOW + "100000000-1ffffffff : Soft Reserved\n";
    assertThat(lines(sides(machine, "0x100000000+4K", "WC", "6.19,7.0")))
        .contains("  lies there  6.19  -")
        .anyMatch(line -> line.startsWith("6.19 and 7.0 part by row 11 of docs/kernels.md"));
    ExplainSides agree = sides(machine, "0x60000000+4K", "WC", "5.10,7.3");
    assertThat(agree.isGrantedAlike()).isTrue();
    assertThat(lines(agree)).last().isEqualTo("5.10 and 7.3 agree");
    ExplainSides refused = sides(machine, "0x100000+4K", "WC", "5.10,7.3");
    assertThat(refused.isGrantedAlike()).isFalse();
    assertThat(lines(refused)).last().isEqualTo("5.10 and 7.3 agree");
  }

  @Test
  @DisplayName("what is assumed of one kernel alone is said, and makes no difference")
  void assumed() {
    assertThat(lines(sides(WINDOW, "0x40000000+4K", "WC", "6.1,6.1.0-18-amd64")))
        .contains("6.1 and 6.1.0-18-amd64 agree")
        .anyMatch(line -> line.contains("which changes of later kernels 6.1.0-18-amd64 has"));
  }

  @ParameterizedTest
  @ValueSource(ints = {40, 60, 80})
  @DisplayName("a line of an answer is cut where COLUMNS ends, and a row is not")
  void width(int columns) {
    ExplainSides sides = sides(WINDOW, "0x40000000+4K", "WC", "5.10,6.1");
    List<String> lines = sides.lines(columns, Letters.UTF_8);
    assertThat(lines)
        .filteredOn(line -> line.startsWith("  ") && !line.contains("assumed"))
        .hasSizeGreaterThan(4)
        .allMatch(line -> Letters.UTF_8.columns(line) <= columns);
    assertThat(lines).anyMatch(line -> line.endsWith("…"));
    assertThat(lines).contains(lines(sides).get(lines.size() - 1));
  }
}
