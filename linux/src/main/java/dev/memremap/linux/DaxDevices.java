// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import dev.memremap.cache.CacheMode;
import dev.memremap.resource.PhysRange;
import dev.memremap.spi.HardwareDevice;
import dev.memremap.spi.HardwareDevice.Kind;
import dev.memremap.spi.HardwareDevice.Region;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Memory that device DAX hands out whole, from {@code /sys/bus/dax/devices}: persistent memory in
 * devdax mode, CXL memory, special memory of the firmware.
 *
 * <p>Thread safety: immutable.
 */
record DaxDevices(Sysfs sysfs) {
  static final String DIRECTORY = "sys/bus/dax/devices/";

  private static final long DEFAULT_ALIGN = 2L << 20;
  private static final long MOST_ALIGN = 1L << 30;

  /**
   * One device.
   *
   * @param align what mappings begin and end at multiples of, in bytes
   * @param persistent whether it lies on persistent memory
   */
  record Dax(String name, PhysRange range, long align, boolean persistent) {
    String file() {
      return "dev/" + name;
    }
  }

  /** Every device whose address can be read, which needs privileges. */
  List<Dax> all() {
    List<Dax> found = new ArrayList<>();
    for (String name : sysfs.names(DIRECTORY)) {
      one(name).ifPresent(found::add);
    }
    return found;
  }

  private Optional<Dax> one(String name) {
    // a user without the right to see addresses reads a start of 0
    return sysfs
        .range(DIRECTORY + name + "/resource", DIRECTORY + name + "/size")
        .filter(range -> range.start() != 0)
        .map(range -> new Dax(name, range, align(name), isPersistent(name)));
  }

  private long align(String name) {
    long align = sysfs.number(DIRECTORY + name + "/align").orElse(DEFAULT_ALIGN);
    boolean sensible = Long.bitCount(align) == 1 && align >= Posix.PAGE && align <= MOST_ALIGN;
    return sensible ? align : DEFAULT_ALIGN;
  }

  /**
   * Asks the region that a device lies in, in the tree of devices. A region of CXL memory says in
   * its {@code mode} whether it is {@code pmem} or {@code ram}; one on an NVDIMM bus is persistent
   * unless its {@code devtype} says {@code nd_volatile}.
   */
  private boolean isPersistent(String name) {
    Path place;
    try {
      place = sysfs.path(DIRECTORY + name).toRealPath();
    } catch (IOException pulled) {
      return false;
    }
    boolean onBus = false;
    for (Path part : place) {
      onBus |= part.toString().startsWith("ndbus");
    }
    Path region = place;
    while (region != null && !String.valueOf(region.getFileName()).matches("region[0-9]+")) {
      region = region.getParent();
    }
    if (region == null) {
      return onBus;
    }
    return onBus ? !says(region, "devtype", "nd_volatile") : says(region, "mode", "pmem");
  }

  private boolean says(Path directory, String file, String word) {
    return sysfs.text(directory.resolve(file).toString()).filter(word::equals).isPresent();
  }

  /** The driver that made ordinary memory of it. */
  Optional<String> driverInTheWay(String name) {
    return sysfs
        .linked(DIRECTORY + name + "/driver")
        .filter(driver -> !driver.equals("device_dax"));
  }

  List<HardwareDevice> devices() {
    return all().stream().map(this::device).toList();
  }

  private HardwareDevice device(Dax dax) {
    String obstacle =
        driverInTheWay(dax.name)
            .map(driver -> "the driver " + driver + " uses it")
            .orElse(sysfs.exists(dax.file()) ? "" : "/" + dax.file() + " is missing");
    return new HardwareDevice(
        dax.name,
        Kind.DAX,
        "device DAX, aligned to %d KiB%s"
            .formatted(dax.align >> 10, dax.persistent ? ", persistent" : ""),
        List.of(
            new Region(
                0, dax.range, false, List.of(CacheMode.WB), List.of("/" + dax.file()), obstacle)));
  }
}
