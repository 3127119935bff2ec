// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.doctor;

import static dev.memremap.cli.doctor.Check.Group.HOST;

import dev.memremap.Machine;
import dev.memremap.spi.HardwareDevice;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The devices whose memory this computer has, and how many of them a mapping can be had of. */
final class DeviceChecks {
  private DeviceChecks() {}

  /** A line for each kind of device, whether there is one or not. */
  static List<Check> all() {
    try (Machine host = Machine.host()) {
      return of(host.hardware());
    } catch (UnsupportedOperationException | IllegalArgumentException e) {
      return List.of(Check.missing(HOST, "devices", String.valueOf(e.getMessage()), ""));
    }
  }

  static List<Check> of(List<HardwareDevice> devices) {
    Map<HardwareDevice.Kind, List<HardwareDevice>> byKind =
        new EnumMap<>(HardwareDevice.Kind.class);
    for (HardwareDevice device : devices) {
      byKind.computeIfAbsent(device.kind(), kind -> new ArrayList<>()).add(device);
    }
    List<Check> checks = new ArrayList<>();
    for (HardwareDevice.Kind kind : HardwareDevice.Kind.values()) {
      checks.add(of(kind, byKind.getOrDefault(kind, List.of())));
    }
    return checks;
  }

  private static Check of(HardwareDevice.Kind kind, List<HardwareDevice> devices) {
    String name = kind.name().toLowerCase(Locale.ROOT).replace('_', ' ') + " devices";
    if (devices.isEmpty()) {
      return Check.ok(HOST, name, "none with memory can be seen");
    }
    long regions = 0;
    long free = 0;
    for (HardwareDevice device : devices) {
      regions += device.regions().size();
      free += device.regions().stream().filter(region -> region.obstacle().isEmpty()).count();
    }
    String says =
        "%d with %d regions, of which nothing is in the way of %d"
            .formatted(devices.size(), regions, free);
    return free == regions
        ? Check.ok(HOST, name, says)
        : Check.note(HOST, name, says, "memremap devices says what is in the way of each");
  }
}
