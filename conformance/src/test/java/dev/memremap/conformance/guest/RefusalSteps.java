// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance.guest;

import static dev.memremap.plan.MemremapFlag.WB;
import static dev.memremap.plan.MemremapFlag.WC;
import static dev.memremap.plan.MemremapFlag.WT;
import static dev.memremap.spi.HostMemory.Permission.ENABLE;
import static dev.memremap.spi.HostMemory.Permission.FORCE;

import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.resource.ResourceKind;
import dev.memremap.rule.Errno;
import dev.memremap.rule.Rule;
import dev.memremap.spi.HardwareDevice;
import java.util.List;

/** What must not be mapped, and the words in which it is refused. */
final class RefusalSteps {
  private static final long PAGE = 4096;
  private static final int MEMORY = 2;

  private RefusalSteps() {}

  static List<Step> all() {
    return List.of(
        new Step("LIB-6 a device that is switched off is not mapped", RefusalSteps::switchedOff),
        new Step("LIB-6 ENABLE switches a device on", RefusalSteps::enabled),
        new Step("LIB-7 registers are for ioremap alone", RefusalSteps::registers),
        new Step("LIB-6 WT of a BAR: every route is named with its errno", RefusalSteps::through),
        new Step("LIB-9 a device that a kernel driver uses", RefusalSteps::inUse),
        new Step("D-17 the kernel keeps its System RAM", RefusalSteps::systemRam));
  }

  private static void switchedOff() throws Exception {
    try (Machine machine = Machine.host()) {
      HardwareDevice ivshmem = Computer.pci(machine, Computer.IVSHMEM);
      int command = Computer.command(ivshmem);
      // the firmware has left it on
      Computer.command(ivshmem, command & ~MEMORY);
      String message =
          Expect.refused(
              Errno.ENXIO,
              Rule.LIB_6,
              () -> machine.memremap(Computer.barAt(machine, 0, PAGE), WC));
      Expect.contains(message, "resource2_wc", "does not answer", "enable it");
      Expect.equal(0, Computer.command(ivshmem) & MEMORY, "its memory after the refusal");
    }
  }

  private static void enabled() throws Exception {
    try (Machine machine = Machine.host(ENABLE);
        Mapping mapping = machine.memremap(Computer.barAt(machine, 0, PAGE), WC)) {
      HardwareDevice ivshmem = Computer.pci(machine, Computer.IVSHMEM);
      Expect.equal(MEMORY, Computer.command(ivshmem) & MEMORY, "its memory");
      String enabled = Computer.read("/sys/bus/pci/devices/" + ivshmem.name() + "/enable");
      Expect.equal("1", enabled, "how often it was enabled");
      mapping.store(8, 64, 0x0123456789abcdefL);
      Expect.equal(0x0123456789abcdefL, mapping.load(8, 64), "what it answers");
    }
  }

  private static void registers() throws Exception {
    try (Machine machine = Machine.host(ENABLE)) {
      PhysRange registers = Computer.pci(machine, Computer.EDU).region(0).range();
      String message =
          Expect.refused(Errno.ENXIO, Rule.LIB_7, () -> machine.memremap(registers, WB, WT, WC));
      Expect.contains(message, "BAR 0", "registers", "use ioremap");
    }
  }

  private static void through() throws Exception {
    try (Machine machine = Machine.host(ENABLE)) {
      String message =
          Expect.refused(
              Errno.EOPNOTSUPP,
              Rule.LIB_6,
              () -> machine.memremap(Computer.barAt(machine, 0, PAGE), WT));
      Expect.contains(
          message,
          "resource2_wc: EOPNOTSUPP, it gives WC, and WT was asked for",
          "resource2: EOPNOTSUPP, it gives UC-, and WT was asked for",
          "/dev/mem: EOPNOTSUPP, ");
    }
  }

  private static void inUse() throws Exception {
    try (Machine machine = Machine.host(ENABLE)) {
      PhysRange window = windowInUse(machine);
      String message = Expect.refused(Errno.EBUSY, Rule.LIB_9, () -> machine.memremap(window, WB));
      Expect.contains(message, "the kernel driver virtio-pci uses the device", "/dev/mem: EBUSY");
    }
    try (Machine machine = Machine.host(FORCE)) {
      PhysRange window = windowInUse(machine);
      // this kernel refuses what a driver has claimed (IO_STRICT_DEVMEM)
      String message = Expect.refused(Errno.EINVAL, Rule.LIB_6, () -> machine.memremap(window, WB));
      Expect.contains(
          message, "resource4: EINVAL, the kernel keeps what a driver claimed to itself");
    }
  }

  private static PhysRange windowInUse(Machine machine) {
    return Computer.pci(machine, "1af4:").regions().stream()
        .filter(region -> !region.sideEffects())
        .findFirst()
        .orElseThrow(() -> new AssertionError("no window of virtio"))
        .range();
  }

  private static void systemRam() throws Exception {
    try (Machine machine = Machine.host()) {
      PhysRange page = PhysRange.of(64 << 20, PAGE);
      Resource ram = machine.resources().pathTo(page.start()).getFirst();
      Expect.equal(ResourceKind.SYSTEM_RAM, ram.kind(), "what lies at 64 MiB");
      String message = Expect.refused(Errno.EPERM, Rule.D_17, () -> machine.memremap(page, WB));
      Expect.contains(message, "/dev/mem", "STRICT_DEVMEM");
    }
  }
}
