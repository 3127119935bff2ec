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
 * Devices whose registers a program may map, from {@code /sys/class/uio}.
 *
 * <p>Thread safety: immutable.
 */
record UioDevices(Sysfs sysfs) {
  static final String DIRECTORY = "sys/class/uio/";

  /**
   * One map of one device.
   *
   * @param index its number, which its offset in the file tells
   * @param range where it lies; it may begin inside a page
   */
  record UioMap(String device, int index, PhysRange range) {
    String file() {
      return "dev/" + device;
    }
  }

  List<UioMap> all() {
    List<UioMap> found = new ArrayList<>();
    for (String device : sysfs.names(DIRECTORY)) {
      found.addAll(maps(device));
    }
    return found;
  }

  private List<UioMap> maps(String device) {
    List<UioMap> maps = new ArrayList<>();
    String directory = DIRECTORY + device + "/maps/";
    for (String name : sysfs.names(directory)) {
      if (name.matches("map[0-9]")) {
        int index = Integer.parseInt(name.substring("map".length()));
        sysfs
            .range(directory + name + "/addr", directory + name + "/size")
            .ifPresent(range -> maps.add(new UioMap(device, index, range)));
      }
    }
    return maps;
  }

  List<HardwareDevice> devices() {
    List<HardwareDevice> devices = new ArrayList<>();
    for (String device : sysfs.names(DIRECTORY)) {
      List<Region> regions = maps(device).stream().map(UioDevices::region).toList();
      if (!regions.isEmpty()) {
        String driver = sysfs.text(DIRECTORY + device + "/name").orElse("unnamed");
        devices.add(new HardwareDevice(device, Kind.UIO, "UIO, " + driver, regions));
      }
    }
    return devices;
  }

  private static Region region(UioMap map) {
    return new Region(
        map.index, map.range, true, List.of(CacheMode.UC_MINUS), List.of("/" + map.file()), "");
  }
}
