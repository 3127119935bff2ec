// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.machine.MachineDescription;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.Intersection;
import dev.memremap.resource.IomemText;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.resource.ResourceDesc;
import dev.memremap.rule.Fact;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a machine keeps what firmware leaves for a driver: row 11 of {@code docs/kernels.md}. */
class SoftReserveTest {
  private static final String RAM = "00100000-7fffffff : System RAM\n";
  private static final String LISTED =
      """
      100000000-1ffffffff : Soft Reserved
        100000000-17fffffff : dax0.0
          100000000-17fffffff : System RAM (kmem)
      200000000-2ffffffff : CXL Window 0
        240000000-27fffffff : Soft Reserved
      """;

  private static Machine machine(String text) {
    return Machine.simulated(MachineDescription.parse(text));
  }

  private static String iomem(Machine machine) {
    return IomemText.format(machine.resources().root());
  }

  private static List<String> apart(Machine machine) {
    return machine.softReserve().root().children().stream().map(Resource::toString).toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"# kernel=6.19\n", "", "# kernel=7.0\n# arch=aarch64\n"})
  @DisplayName("before 7.0, and on other architectures, Soft Reserved stays where the map lists it")
  void stays(String header) {
    try (Machine machine = machine(header + RAM + LISTED)) {
      assertThat(iomem(machine)).isEqualTo(RAM + LISTED);
      assertThat(apart(machine)).isEmpty();
      assertThat(machine.regionIntersectsSoftReserve(0x180000000L, 0x1000))
          .isEqualTo(Intersection.INTERSECTS);
    }
  }

  @Test
  @DisplayName("since 7.0 it leaves the tree, at any depth, and what lies in it takes its place")
  void leaves() {
    try (Machine machine = machine("# kernel=7.0\n" + RAM + LISTED)) {
      assertThat(iomem(machine))
          .isEqualTo(
              RAM
                  + """
                  100000000-17fffffff : dax0.0
                    100000000-17fffffff : System RAM (kmem)
                  200000000-2ffffffff : CXL Window 0
                  """);
      assertThat(apart(machine))
          .containsExactly(
              "100000000-1ffffffff : Soft Reserved", "240000000-27fffffff : Soft Reserved");
      assertThat(machine.resource("dax0.0").desc()).isEqualTo(ResourceDesc.NONE);
      assertThat(machine.regionIntersectsSoftReserve(0x100000000L, 0x100000000L))
          .isEqualTo(Intersection.INTERSECTS);
    }
  }

  @Test
  @DisplayName("a map that a kernel since 7.0 printed is as it is: a driver may have put it back")
  void asRunning() {
    String recorded = "# recorded: kernel from uname -r\n# kernel=7.0.1-amd64\n";
    try (Machine machine = machine(recorded + RAM + LISTED)) {
      assertThat(iomem(machine)).isEqualTo(RAM + LISTED);
      assertThat(apart(machine)).isEmpty();
      assertThat(machine.regionIntersectsSoftReserve(0x180000000L, 0x1000))
          .as("its own tree is asked")
          .isEqualTo(Intersection.DISJOINT);
    }
  }

  @ParameterizedTest(name = "kernel {0}: {1} | {2}")
  @CsvSource({
    "6.19, 100000000-1ffffffff : Soft Reserved, ''",
    "7.0, '', 100000000-1ffffffff : Soft Reserved",
  })
  @DisplayName("the key soft-reserved lists it apart; older kernels have it in their tree")
  void key(String kernel, String inTree, String apart) {
    String header = "# kernel=%s\n# soft-reserved=0x100000000+4G\n".formatted(kernel);
    try (Machine machine = machine(header + RAM)) {
      assertThat(iomem(machine).strip()).isEqualTo((RAM + inTree).strip());
      assertThat(String.join("\n", apart(machine))).isEqualTo(apart);
    }
  }

  @Test
  @DisplayName("what an older kernel inserts grows until it holds whole what it overlaps")
  void grows() {
    String text =
        """
        # kernel=6.1
        # soft-reserved=0x100001000+0x1000,0x80000000+0x2000,0x80000000+0x2000
        00100000-7fffffff : System RAM
        80001000-80002fff : Reserved
        100000000-1ffffffff : CXL Window 0
        """;
    try (Machine machine = machine(text)) {
      assertThat(iomem(machine))
          .isEqualTo(
              """
              00100000-7fffffff : System RAM
              80000000-80002fff : Soft Reserved
                80001000-80002fff : Reserved
              100000000-1ffffffff : CXL Window 0
                100001000-100001fff : Soft Reserved
              """);
    }
  }

  @Test
  @DisplayName("D-7 a refusal names what is listed apart, and calls it no hole")
  void refusal() {
    String header = "# kernel=7.3\n# soft-reserved=0x80000000+256M\n";
    try (Machine machine = machine(header + RAM)) {
      assertThat(machine.explain(PhysRange.parse("0x7ffff000+8K"), MemremapFlag.WB).sentence())
          .isEqualTo(
              "the range is partly System RAM (7ffff000-7fffffff) and partly Soft Reserved"
                  + " (80000000-80000fff), which the kernel lists apart");
    }
  }

  @Test
  @DisplayName("a machine file keeps the key")
  void written() {
    String header = "# soft-reserved=0x80000000+0x10000000,0x100000000+0x1000\n";
    MachineDescription machine = MachineDescription.parse(header + RAM);
    assertThat(machine.toText()).isEqualTo(header + RAM);
    assertThat(machine.softReserved()).hasSize(2);
    assertThat(machine.origins()).doesNotContainKey(Fact.KERNEL);
  }
}
