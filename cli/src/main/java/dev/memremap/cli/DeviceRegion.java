// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.Machine;
import dev.memremap.cli.json.NumberJson;
import dev.memremap.cli.json.RangeJson;
import dev.memremap.machine.MachineDescription;
import dev.memremap.resource.PhysRange;
import dev.memremap.spi.HardwareDevice;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A region of a device that the machine numbers: a BAR of a recorded machine, or a region of this
 * computer's hardware.
 *
 * @param device its name
 * @param index the region's number
 * @param range where it lies
 * @param registers whether reading it may do something
 * @param driver the driver that has the device; null if none has it, or it is not known
 * @param routes the files that lead there
 * @param hardware the device, if it is this computer's
 */
record DeviceRegion(
    String device,
    int index,
    PhysRange range,
    boolean registers,
    @Nullable String driver,
    List<String> routes,
    @Nullable HardwareDevice hardware) {

  /** The region that an address lies in; null if it lies in none. */
  static @Nullable DeviceRegion at(Machine machine, long address) {
    List<DeviceRegion> found = in(machine, PhysRange.of(address, 1));
    return found.isEmpty() ? null : found.getFirst();
  }

  /** The regions that share a byte with a range: those that the system shows, then stated ones. */
  static List<DeviceRegion> in(Machine machine, PhysRange range) {
    List<DeviceRegion> found = new ArrayList<>();
    for (HardwareDevice device : machine.hardware()) {
      for (HardwareDevice.Region region : device.regions()) {
        if (region.range().overlaps(range)) {
          found.add(
              new DeviceRegion(
                  device.name(),
                  region.index(),
                  region.range(),
                  region.sideEffects(),
                  device.driver(),
                  region.routes(),
                  device));
        }
      }
    }
    for (MachineDescription.Bar bar : machine.description().bars()) {
      boolean isFound =
          found.stream()
              .anyMatch(each -> each.device.equals(bar.device()) && each.index == bar.index());
      if (!isFound && bar.range().overlaps(range)) {
        found.add(
            new DeviceRegion(
                bar.device(),
                bar.index(),
                bar.range(),
                !bar.prefetchable(),
                bar.driver(),
                List.of(),
                null));
      }
    }
    return found;
  }

  /** {@code 0000:03:00.0/2+0x10 (fd000000-fdffffff), registers}. */
  String text(long address) {
    return "%s/%d+0x%x (%s), %s"
        .formatted(
            device,
            index,
            address - range.start(),
            Words.range(range),
            registers ? "registers: reading may do something" : "memory without side effects");
  }

  void fill(ObjectNode node, long address) {
    node.put("name", device);
    node.put("index", index);
    RangeJson.fill(node, range);
    NumberJson.put(node, "offset", address - range.start());
    node.put("registers", registers);
    node.put("driver", driver);
    ArrayNode files = node.putArray("routes");
    routes.forEach(files::add);
  }
}
