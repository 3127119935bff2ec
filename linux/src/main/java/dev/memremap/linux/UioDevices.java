// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import dev.memremap.cache.CacheMode;
import dev.memremap.resource.PhysRange;
import dev.memremap.spi.HardwareDevice;
import dev.memremap.spi.HardwareDevice.Kind;
import dev.memremap.spi.HardwareDevice.Region;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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
   * @param range the device's own bytes; the rest of their pages is mapped with them, since only
   *     whole pages can be mapped, but users' segments do not show it
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
        range(directory + name).ifPresent(range -> maps.add(new UioMap(device, index, range)));
      }
    }
    return maps;
  }

  /**
   * A map's {@code size} begins at its {@code addr}. A driver whose registers begin inside a page
   * gives the page as {@code addr}, and in {@code offset} where they begin.
   */
  private Optional<PhysRange> range(String map) {
    long offset = sysfs.number(map + "/offset").orElse(0);
    return sysfs
        .range(map + "/addr", map + "/size")
        .filter(whole -> Long.compareUnsigned(offset, whole.sizeBytes()) < 0)
        .map(whole -> new PhysRange(whole.start() + offset, whole.endInclusive()));
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
