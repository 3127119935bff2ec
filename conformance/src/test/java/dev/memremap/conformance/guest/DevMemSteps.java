// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance.guest;

import static dev.memremap.plan.MemremapFlag.WB;

import dev.memremap.Machine;
import dev.memremap.Mapping;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.resource.ResourceKind;
import dev.memremap.rule.Errno;
import dev.memremap.rule.Rule;
import java.util.ArrayList;
import java.util.List;

/** {@code /dev/mem}, where no better way leads: legacy persistent memory without its driver. */
final class DevMemSteps {
  private static final String DRIVER = "/sys/bus/nd/drivers/nd_pmem/";

  private DevMemSteps() {}

  static List<Step> all() {
    return List.of(
        new Step("LIB-6 /dev/mem keeps off what a driver claimed", DevMemSteps::claimed),
        new Step("/dev/mem leads to unclaimed memory", DevMemSteps::nobodys));
  }

  private static void claimed() throws Exception {
    try (Machine machine = Machine.host()) {
      PhysRange page = Computer.part(legacy(machine), 1 << 20, Pattern.LENGTH);
      String message = Expect.refused(Errno.EPERM, Rule.LIB_6, () -> machine.memremap(page, WB));
      Expect.contains(message, "/dev/mem: EPERM", "IO_STRICT_DEVMEM");
    }
  }

  private static void nobodys() throws Exception {
    Computer.write(DRIVER + "unbind", "namespace2.0");
    try (Machine machine = Machine.host()) {
      PhysRange page = Computer.part(legacy(machine), 1 << 20, Pattern.LENGTH);
      try (Mapping mapping = machine.memremap(page, WB)) {
        Expect.equal("/dev/mem", mapping.backing(), "the way to it");
        String mode = mapping.cacheMode().listName();
        Expect.that(
            Computer.trackedModes(page).stream().anyMatch(line -> line.endsWith(mode)),
            "the kernel tracks it as " + mode);
        Pattern.LEGACY.storeIn(mapping.segment(), 0);
        mapping.persist(0, Pattern.LENGTH);
      }
    } finally {
      Computer.write(DRIVER + "bind", "namespace2.0");
    }
    byte[] read = Computer.sh("dd if=/dev/pmem2 bs=4096 skip=256 count=1 status=none");
    Expect.sameBytes(Pattern.LEGACY.bytes(), read, "what /dev/pmem2 has");
  }

  private static PhysRange legacy(Machine machine) {
    List<Resource> found = new ArrayList<>();
    machine
        .resources()
        .walk(
            (resource, depth) -> {
              if (resource.kind() == ResourceKind.PERSISTENT_MEMORY_LEGACY) {
                found.add(resource);
              }
            });
    return found.getFirst().range();
  }
}
