// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance.guest;

import static dev.memremap.plan.MemremapFlag.WB;
import static dev.memremap.plan.MemremapFlag.WC;

import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.linux.Memfd;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.rule.Errno;
import dev.memremap.rule.Rule;
import java.util.List;

/** What a user without root can map, and how the rest is refused. */
final class UnprivilegedSteps {
  private UnprivilegedSteps() {}

  static List<Step> all() {
    return List.of(
        new Step("not root: memory of a process is there", UnprivilegedSteps::memfd),
        new Step(
            "not root: devices are shown, and their files are closed", UnprivilegedSteps::bars),
        new Step("not root: what lies where is not known", UnprivilegedSteps::unknown));
  }

  private static void memfd() {
    try (Machine machine = Machine.host()) {
      Resource pool = machine.attach("pool", Memfd.of("pool", 1 << 20));
      try (Mapping mapping = machine.memremap(pool.range(), WB)) {
        Pattern.MEMFD.storeIn(mapping.segment(), 0);
        Pattern.MEMFD.requireIn(mapping.segment(), 0, "a memfd");
      }
    }
  }

  private static void bars() throws Exception {
    try (Machine machine = Machine.host()) {
      PhysRange page = Computer.barAt(machine, 0, Pattern.LENGTH);
      String message = Expect.refused(Errno.EACCES, Rule.LIB_6, () -> machine.memremap(page, WC));
      Expect.contains(message, "resource2_wc: EACCES", "needs root");
      PhysRange registers = Computer.pci(machine, Computer.EDU).region(0).range();
      Expect.contains(
          Expect.refused(Errno.EACCES, Rule.LIB_6, () -> machine.ioremap(registers)),
          "resource0: EACCES",
          "needs root");
    }
  }

  private static void unknown() throws Exception {
    try (Machine machine = Machine.host()) {
      PhysRange ram = PhysRange.of(64 << 20, Pattern.LENGTH);
      String message = Expect.refused(Errno.EACCES, Rule.LIB_6, () -> machine.memremap(ram, WB));
      Expect.contains(message, "/dev/mem", "/proc/iomem", "root");
    }
  }
}
