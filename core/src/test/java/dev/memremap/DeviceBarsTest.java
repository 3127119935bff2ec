// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.memremap.machine.MachineDescription;
import dev.memremap.machine.MachineDescription.Bar;
import dev.memremap.resource.PhysRange;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The regions of a simulated machine's devices: resources by name, numbered by bar= lines. */
class DeviceBarsTest {
  private static final PhysRange WINDOW = PhysRange.of(0xe0000000L, 16 << 20);
  private static final PhysRange REGISTERS = PhysRange.of(0xfb000000L, 64 << 10);
  private static final String PLAIN =
      """
      00001000-3fffffff : System RAM
      80000000-febfffff : PCI Bus 0000:00
        e0000000-e0ffffff : 0000:03:00.0
        fb000000-fb00ffff : 0000:03:00.0
      100000000-13fffffff : dax0.0
      """;
  private static final String NUMBERED =
      """
      # bar=0000:03:00.0,0,0xfb000000+0x10000,vfio-pci
      # bar=0000:03:00.0,2,0xe0000000+0x1000000,prefetch
      """
          + PLAIN;

  @Test
  @DisplayName("bar= lines number the regions, are written as they are read, and say the rest")
  void numbered() {
    MachineDescription description = MachineDescription.parse(NUMBERED);
    assertThat(description.bars())
        .containsExactly(
            new Bar("0000:03:00.0", 0, REGISTERS, false, "vfio-pci"),
            new Bar("0000:03:00.0", 2, WINDOW, true, null));
    assertThat(description.toText()).isEqualTo(NUMBERED);
    assertThat(MachineDescription.parse(PLAIN).with("bar", "x,5,0x80000000+4K,prefetch,edu").bars())
        .containsExactly(new Bar("x", 5, PhysRange.of(0x80000000L, 4096), true, "edu"));
    try (Machine machine = Machine.simulated(description)) {
      Device device = machine.device("0000:03:00.0");
      assertThat(device.bar(0)).isEqualTo(REGISTERS);
      assertThat(device.bar(2)).isEqualTo(WINDOW);
      assertThat(device.bars()).containsExactly(WINDOW, REGISTERS);
      assertThat(device.hardware()).isEmpty();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> device.bar(1))
          .withMessage("0000:03:00.0 has no memory region 1; it has 0, 2");
      assertThatIllegalStateException()
          .isThrownBy(device::range)
          .withMessageContaining("2 memory regions");
    }
  }

  @Test
  @DisplayName("of a plain copy, bars() are in the order of addresses; bar(n) says what is missing")
  void plainCopy() {
    try (Machine machine = Machine.simulated(MachineDescription.parse(PLAIN))) {
      Device device = machine.device("0000:03:00.0");
      assertThat(device.bars()).containsExactly(WINDOW, REGISTERS);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> device.bar(2))
          .withMessageContaining("'# bar=0000:03:00.0,2,START+SIZE'")
          .withMessageContaining("0xe0000000+0x1000000 or 0xfb000000+0x10000");
      assertThat(machine.device("dax0.0").range()).isEqualTo(PhysRange.of(0x100000000L, 1 << 30));
    }
  }

  @Test
  @DisplayName("a line for one of two regions: the other is the only one that may be missing")
  void partlyNumbered() {
    MachineDescription description =
        MachineDescription.parse("# bar=0000:03:00.0,0,0xfb000000+64K\n" + PLAIN);
    try (Machine machine = Machine.simulated(description)) {
      Device device = machine.device("0000:03:00.0");
      assertThat(device.bar(0)).isEqualTo(REGISTERS);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> device.bar(2))
          .withMessageEndingWith("where START+SIZE is 0xe0000000+0x1000000");
    }
  }

  @Test
  @DisplayName("a device that is not the machine's own has no regions")
  void newDevice() {
    try (Machine machine = Machine.simulated(MachineDescription.parse(PLAIN))) {
      Device device = machine.newDevice("mine");
      assertThat(device.bars()).isEmpty();
      assertThatIllegalStateException().isThrownBy(() -> device.bar(0));
      assertThatIllegalStateException().isThrownBy(device::range);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "x,0                         | the value must be DEVICE,N,START+SIZE[,prefetch][,DRIVER]",
        ",0,4K+4K                    | the value must be DEVICE,N",
        "x,0,4K+4K,                  | the value must be DEVICE,N",
        "x,0,4K+4K,edu,more          | the value must be DEVICE,N",
        "x,6,4K+4K                   | a device's BARs are 0 to 5",
        "x,0xffffffffffffffff,4K+4K  | a device's BARs are 0 to 5",
        "x,one,4K+4K                 | with N from 0 to 5",
        "x,0,4K                      | the value must be DEVICE,N",
        "x,0,4K+0                    | is not a range",
        "0000:03:00.0,2,4K+4K        | BAR 2 of 0000:03:00.0 is given twice",
      })
  @DisplayName("a bar= line that says nothing sensible is refused, with what is wrong")
  void refused(String value, String why) {
    MachineDescription description = MachineDescription.parse(NUMBERED);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> description.with("bar", value))
        .withMessageContaining(why);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MachineDescription.parse("# bar=" + value + "\n" + NUMBERED))
        .withMessageContaining(":");
  }
}
