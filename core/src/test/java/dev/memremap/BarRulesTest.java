// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static dev.memremap.plan.MemremapFlag.WB;
import static dev.memremap.plan.MemremapFlag.WC;
import static dev.memremap.plan.MemremapFlag.WT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memremap.Machines.Tables;
import dev.memremap.machine.MachineDescription;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.MemoryType;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.MemremapException;
import dev.memremap.rule.Rule;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a simulated machine refuses in regions that its file names as BARs, as real ones do. */
class BarRulesTest {
  private static final String TREE =
      """
      00001000-3fffffff : System RAM
      80000000-febfffff : PCI Bus 0000:00
        e0000000-e0ffffff : 0000:03:00.0
        fb000000-fb3fffff : 0000:03:00.0
        fc000000-fc000fff : 0000:04:00.0
      """;
  private static final PhysRange REGISTERS = PhysRange.of(0xfb000000L, 4 << 20);
  private static final PhysRange WINDOW = PhysRange.of(0xe0000000L, 16 << 20);

  private static Machine machine(String driver) {
    return Machine.simulated(
        MachineDescription.parse(
            """
            # bar=0000:03:00.0,0,0xfb000000+4M%s
            # bar=0000:03:00.0,2,0xe0000000+16M,prefetch%s
            """
                    .formatted(driver, driver)
                + TREE));
  }

  private static void refused(Errno errno, Rule rule, String sentence, ThrowingCallable call) {
    MemremapException refused = catchThrowableOfType(MemremapException.class, call);
    assertThat(refused.errno()).isEqualTo(errno);
    assertThat(refused.rule()).isEqualTo(rule);
    assertThat(refused).hasMessageContaining(sentence);
  }

  @ParameterizedTest
  @EnumSource(names = {"WB", "WT", "WC"})
  @DisplayName("LIB-7 a BAR that is not prefetchable is for ioremap alone; nothing is left behind")
  void registers(MemremapFlag type) {
    try (Machine machine = machine("")) {
      Tables before = Tables.of(machine);
      String sentence = "BAR 0 of 0000:03:00.0 is not prefetchable";
      for (PhysRange range :
          List.of(
              REGISTERS,
              PhysRange.of(REGISTERS.endInclusive(), 1),
              PhysRange.of(REGISTERS.start() - 4096, 8192))) {
        refused(Errno.ENXIO, Rule.LIB_7, sentence, () -> machine.memremap(range, type));
        assertThat(machine.explain(range, type).isGranted()).isFalse();
      }
      assertThat(Tables.of(machine)).isEqualTo(before);
      try (IoMemory registers = machine.ioremap(REGISTERS);
          Mapping window = machine.memremap(WINDOW, type)) {
        registers.write32(0, 7);
        assertThat(registers.read32(0)).isEqualTo(7);
        assertThat(window.range()).isEqualTo(WINDOW);
      }
      machine.memremap(PhysRange.of(0xfc000000L, 4096), type).close();
    }
  }

  @Test
  @DisplayName("LIB-9 a page map over it is refused, too, and nothing is left behind")
  void pageMap() {
    try (Machine machine = machine(",edu")) {
      Tables before = Tables.of(machine);
      DevPagemap map = DevPagemap.over(WINDOW).type(MemoryType.PCI_P2PDMA).build();
      refused(Errno.EBUSY, Rule.LIB_9, "driver edu uses", () -> machine.memremapPages(map));
      assertThat(Tables.of(machine)).isEqualTo(before);
      assertThat(machine.pagemaps()).isEmpty();
    }
  }

  @Test
  @DisplayName("LIB-9 what a kernel driver uses is EBUSY, by whichever way it is asked for")
  void driver() {
    try (Machine machine = machine(",edu")) {
      Tables before = Tables.of(machine);
      String sentence = "the kernel driver edu uses BAR %d of 0000:03:00.0";
      refused(Errno.EBUSY, Rule.LIB_9, sentence.formatted(0), () -> machine.ioremap(REGISTERS));
      refused(Errno.EBUSY, Rule.LIB_9, sentence.formatted(2), () -> machine.ioremap(WINDOW));
      refused(Errno.EBUSY, Rule.LIB_9, sentence.formatted(2), () -> machine.memremap(WINDOW, WC));
      assertThat(machine.explainIoremap(WINDOW).isGranted()).isFalse();
      assertThat(Tables.of(machine)).isEqualTo(before);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"vfio-pci", "uio_pci_generic", "igb_uio", "pci-stub"})
  @DisplayName("LIB-9 a driver that only holds the device for a program is not in the way")
  void driverForPrograms(String driver) {
    try (Machine machine = machine("," + driver)) {
      machine.ioremap(REGISTERS).close();
      machine.memremap(WINDOW, WB, WT, WC).close();
    }
  }

  @Test
  @DisplayName("a machine without bar= lines refuses none of it")
  void withoutLines() {
    try (Machine machine = Machine.simulated(MachineDescription.parse(TREE))) {
      machine.memremap(REGISTERS, WB).close();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0x70000000+0x1000",
        "0xfec00000+0x1000",
        "0xfeb00000+0x200000",
        "0x7ffff000+0x2000",
        "0x10000000+0x1000"
      })
  @DisplayName("a BAR that lies in no resource of the machine is refused, naming the line")
  void outside(String region) {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                MachineDescription.parse("# phys-bits=40\n# bar=x,1,%s\n".formatted(region) + TREE))
        .withMessageStartingWith(
            "machine text:2: bar=x,1,%s lies in no resource of the machine".formatted(region));
  }

  @Test
  @DisplayName(
      "a BAR may lie in a resource of another name, as below a bridge that lists no device")
  void inAnother() {
    MachineDescription machine = MachineDescription.parse("# bar=x,1,0x90000000+0x1000\n" + TREE);
    assertThat(machine.bars()).hasSize(1);
    try (Machine simulated = Machine.simulated(machine)) {
      assertThat(simulated.device("x").bar(1)).isEqualTo(PhysRange.of(0x90000000L, 4096));
    }
  }
}
