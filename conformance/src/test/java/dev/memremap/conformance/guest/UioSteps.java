// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance.guest;

import static dev.memremap.plan.MemremapFlag.WB;
import static dev.memremap.plan.MemremapFlag.WC;
import static dev.memremap.spi.HardwareDevice.Kind.UIO;

import dev.memremap.IoMemory;
import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.cache.CacheMode;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Errno;
import dev.memremap.rule.Rule;
import dev.memremap.spi.HardwareDevice;
import java.util.List;

/**
 * The ivshmem, lent to two UIO drivers in turn: {@code uio_cif} makes a map of its BAR 2, and
 * {@code uio_pci_generic}, where a kernel has it make any, one of the page that holds its BAR 0.
 */
final class UioSteps {
  private static final String DRIVER = "/sys/bus/pci/drivers/hilscher/";
  private static final String NUMBERS = "1af4 1110";

  /** A register of the ivshmem that can be written and read. */
  private static final int INTERRUPT_MASK = 0;

  private UioSteps() {}

  static List<Step> all() {
    return List.of(
        new Step("a UIO map leads to its device's memory, UC-", UioSteps::mapped),
        new Step(
            "a register is the same through a UIO map and through its BAR", UioSteps::generic));
  }

  private static void mapped() throws Exception {
    Computer.write(DRIVER + "new_id", NUMBERS);
    String device = "";
    try (Machine machine = Machine.host()) {
      HardwareDevice ivshmem = Computer.pci(machine, Computer.IVSHMEM);
      device = ivshmem.name();
      HardwareDevice uio = Computer.first(machine, UIO);
      PhysRange bar = uio.region(1).range();
      Expect.equal(ivshmem.region(2).range(), bar, "where map 1 lies");
      PhysRange page = Computer.part(bar, Pattern.UIO.barOffset(), Pattern.LENGTH);
      try (Mapping mapping = machine.memremap(page, WB)) {
        Expect.equal("/dev/uio0", mapping.backing(), "the way to it");
        Expect.equal(CacheMode.UC_MINUS, mapping.cacheMode(), "mode");
        Pattern.UIO.storeIn(mapping.segment(), 0);
        Pattern.UIO.requireIn(mapping.segment(), 0, "the UIO map");
        List<String> lines = Computer.trackedModes(bar);
        Expect.that(
            lines.size() == 1 && lines.getFirst().endsWith("uncached-minus"),
            "the kernel tracks one map, UC-: " + lines);
      }
      Expect.equal(List.of(), Computer.trackedModes(bar), "the kernel's list after memunmap");
      String message = Expect.refused(Errno.EBUSY, Rule.LIB_9, () -> machine.memremap(page, WC));
      Expect.contains(
          message,
          "resource2_wc: EBUSY, the kernel driver hilscher uses",
          "/dev/uio0: EOPNOTSUPP, it gives UC-");
    } finally {
      Computer.write(DRIVER + "remove_id", NUMBERS);
      Computer.write(DRIVER + "unbind", device);
    }
  }

  private static void generic() throws Exception {
    String driver = "/sys/bus/pci/drivers/uio_pci_generic/";
    Computer.write(driver + "new_id", NUMBERS);
    String device = "";
    try (Machine machine = Machine.host()) {
      HardwareDevice ivshmem = Computer.pci(machine, Computer.IVSHMEM);
      device = ivshmem.name();
      PhysRange bar = ivshmem.region(0).range();
      PhysRange map = Computer.first(machine, UIO).region(0).range();
      Expect.that(map.contains(bar), map + " is the page that holds BAR 0");
      try (IoMemory byUio = machine.ioremap(map);
          IoMemory byBar = machine.ioremap(bar)) {
        Expect.equal("/dev/uio0", byUio.backing(), "the way to the map");
        Expect.contains(byBar.backing(), "/resource0");
        byUio.write32(INTERRUPT_MASK, 0x5);
        Expect.equal(0x5, byBar.read32(INTERRUPT_MASK), "the register, read the other way");
        byBar.write32(INTERRUPT_MASK, 0);
        Expect.equal(0, byUio.read32(INTERRUPT_MASK), "the register");
      }
    } finally {
      Computer.write(driver + "remove_id", NUMBERS);
      Computer.write(driver + "unbind", device);
    }
  }
}
