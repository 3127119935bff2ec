// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.Machine;
import dev.memremap.cache.CacheMode;
import dev.memremap.machine.MachineDescription;
import dev.memremap.resource.PhysRange;
import dev.memremap.spi.HardwareDevice;
import dev.memremap.spi.HardwareDevice.Kind;
import dev.memremap.spi.HardwareDevice.Region;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What {@code record} writes of a computer's devices. */
class RecordedBarsTest {
  private static final String MAP =
      """
      fd000000-fdffffff : 0000:00:01.0
      fea00000-fea00fff : 0000:00:01.0
      100000000-13fffffff : dax0.0
      """;

  private static Region region(int index, long start, long size, boolean sideEffects) {
    return new Region(
        index,
        PhysRange.of(start, size),
        sideEffects,
        List.of(CacheMode.UC_MINUS),
        List.of("a file"),
        "");
  }

  @Test
  @DisplayName("record writes a bar= line for each BAR, and the machine it makes has them")
  void bars() {
    List<HardwareDevice> hardware =
        List.of(
            new HardwareDevice(
                "0000:00:01.0",
                Kind.PCI,
                "PCI 1234:11e8, driver edu",
                "edu",
                List.of(
                    region(0, 0xfea00000L, 0x1000, true), region(2, 0xfd000000L, 16 << 20, false))),
            new HardwareDevice(
                "dax0.0", Kind.DAX, "", List.of(region(0, 0x100000000L, 1 << 30, false))));
    List<String> leftOut = new ArrayList<>();
    String text =
        RecordCommand.withBars(MachineDescription.parse(MAP), hardware, leftOut::add).toText();
    assertThat(leftOut).isEmpty();
    assertThat(text)
        .isEqualTo(
            """
            # recorded: bar from /sys/bus/pci/devices, drivers from /sys/bus/pci/devices
            # bar=0000:00:01.0,0,0xfea00000+0x1000,edu
            # bar=0000:00:01.0,2,0xfd000000+0x1000000,prefetch,edu
            """
                + MAP);
    try (Machine machine = Machine.simulated(MachineDescription.parse(text))) {
      assertThat(machine.device("0000:00:01.0").bar(2))
          .isEqualTo(PhysRange.of(0xfd000000L, 16 << 20));
      assertThat(machine.device("dax0.0").range()).isEqualTo(PhysRange.of(0x100000000L, 1 << 30));
    }
  }

  @Test
  @DisplayName("record leaves out a BAR that /proc/iomem does not list, and says so")
  void notListed() {
    HardwareDevice device =
        new HardwareDevice(
            "0000:00:01.0", Kind.PCI, "", List.of(region(1, 0x90000000L, 0x1000, true)));
    List<String> leftOut = new ArrayList<>();
    MachineDescription plain = MachineDescription.parse(MAP);
    assertThat(RecordCommand.withBars(plain, List.of(device), leftOut::add).bars()).isEmpty();
    assertThat(leftOut)
        .containsExactly(
            "BAR 1 of 0000:00:01.0 at 0x90000000-0x90000fff is in no resource of /proc/iomem, and is left out");
  }
}
