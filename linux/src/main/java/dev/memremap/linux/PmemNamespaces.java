// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import dev.memremap.cache.CacheMode;
import dev.memremap.resource.PhysRange;
import dev.memremap.spi.HardwareDevice;
import dev.memremap.spi.HardwareDevice.Kind;
import dev.memremap.spi.HardwareDevice.Region;
import java.util.ArrayList;
import java.util.List;

/**
 * Namespaces of persistent memory, from {@code /sys/bus/nd/devices}. They are shown, so that a user
 * sees what a DAX device or a DAX file system lies on; a namespace has no file to map itself.
 *
 * <p>Thread safety: immutable.
 */
record PmemNamespaces(Sysfs sysfs) {
  static final String DIRECTORY = "sys/bus/nd/devices/";

  List<HardwareDevice> devices() {
    List<HardwareDevice> devices = new ArrayList<>();
    for (String name : sysfs.names(DIRECTORY)) {
      if (name.startsWith("namespace")) {
        sysfs
            .range(DIRECTORY + name + "/resource", DIRECTORY + name + "/size")
            .ifPresent(range -> devices.add(device(name, range)));
      }
    }
    return devices;
  }

  private HardwareDevice device(String name, PhysRange range) {
    String mode = sysfs.text(DIRECTORY + name + "/mode").orElse("raw");
    String obstacle =
        switch (mode) {
          case "devdax", "dax" -> "device DAX hands it out; map its daxX.Y";
          case "fsdax", "memory" ->
              "a file system may lie on it; mount that with -o dax and open a DaxFile";
          default -> "no file leads there; 'ndctl create-namespace -m devdax' makes one";
        };
    return new HardwareDevice(
        name,
        Kind.PMEM,
        "persistent memory, mode " + mode,
        List.of(new Region(0, range, false, List.of(CacheMode.WB), List.of(), obstacle)));
  }
}
