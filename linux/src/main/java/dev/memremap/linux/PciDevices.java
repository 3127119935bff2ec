// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.memremap.cache.CacheMode;
import dev.memremap.resource.Memparse;
import dev.memremap.resource.PhysRange;
import dev.memremap.spi.HardwareDevice;
import dev.memremap.spi.HardwareDevice.Kind;
import dev.memremap.spi.HardwareDevice.Region;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The PCI functions of a computer and their BARs, from {@code /sys/bus/pci/devices}.
 *
 * <p>A device's {@code resource} file has a line of start, end and flags for each of its regions;
 * the first six are BARs. Flags tell memory from ports, whether reading is free of side effects
 * (prefetchable), and whether the kernel gave the BAR an address: one that it found no room for is
 * written with a start of 0 and is left out here.
 *
 * <p>Thread safety: immutable.
 */
record PciDevices(Sysfs sysfs) {
  static final String DIRECTORY = "sys/bus/pci/devices/";

  private static final int BARS = 6;
  private static final long IORESOURCE_MEM = 0x200;
  private static final long IORESOURCE_PREFETCH = 0x2000;
  private static final long IORESOURCE_DISABLED = 0x1000_0000;
  private static final long IORESOURCE_UNSET = 0x2000_0000;
  private static final int COMMAND = 4;
  private static final int COMMAND_MEMORY = 2;

  /** A BAR. */
  record Bar(String device, int index, PhysRange range, boolean prefetchable) {
    String file(boolean writeCombining) {
      return DIRECTORY + device + "/resource" + index + (writeCombining ? "_wc" : "");
    }
  }

  /** Every memory BAR of a device. */
  List<Bar> bars(String device) {
    List<Bar> bars = new ArrayList<>();
    String[] lines = sysfs.text(DIRECTORY + device + "/resource").orElse("").split("\n", -1);
    for (int i = 0; i < Math.min(BARS, lines.length); i++) {
      bar(device, i, lines[i]).ifPresent(bars::add);
    }
    return bars;
  }

  private static Optional<Bar> bar(String device, int index, String line) {
    String[] words = line.strip().split("\\s+", -1);
    if (words.length != 3) {
      return Optional.empty();
    }
    try {
      long start = Memparse.parse(words[0]);
      long end = Memparse.parse(words[1]);
      long flags = Memparse.parse(words[2]);
      boolean placed = (flags & (IORESOURCE_UNSET | IORESOURCE_DISABLED)) == 0 && end != 0;
      if ((flags & IORESOURCE_MEM) == 0 || !placed || Long.compareUnsigned(end, start) < 0) {
        return Optional.empty();
      }
      return Optional.of(
          new Bar(device, index, new PhysRange(start, end), (flags & IORESOURCE_PREFETCH) != 0));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** The driver that uses a device; empty if none does, or only for the sake of programs. */
  Optional<String> driverInTheWay(String device) {
    return sysfs
        .linked(DIRECTORY + device + "/driver")
        .filter(driver -> !HardwareDevice.isForPrograms(driver));
  }

  /** Whether a device answers to its memory addresses; yes where that cannot be read. */
  boolean answers(String device) {
    try (InputStream config = Files.newInputStream(sysfs.path(DIRECTORY + device + "/config"))) {
      byte[] header = config.readNBytes(COMMAND + 2);
      return header.length < COMMAND + 2 || (header[COMMAND] & COMMAND_MEMORY) != 0;
    } catch (IOException notThere) {
      return true;
    }
  }

  /** Switches a device's memory on: writes its {@code enable}. */
  void enable(String device) throws IOException {
    Files.writeString(sysfs.path(DIRECTORY + device + "/enable"), "1", WRITE, TRUNCATE_EXISTING);
  }

  /** Every device that has memory. */
  List<HardwareDevice> devices() {
    List<HardwareDevice> devices = new ArrayList<>();
    for (String name : sysfs.names(DIRECTORY)) {
      List<Bar> bars = bars(name);
      if (!bars.isEmpty()) {
        devices.add(
            new HardwareDevice(
                name,
                Kind.PCI,
                description(name),
                sysfs.linked(DIRECTORY + name + "/driver").orElse(null),
                bars.stream().map(this::region).toList()));
      }
    }
    return devices;
  }

  private Region region(Bar bar) {
    boolean combining = bar.prefetchable && sysfs.exists(bar.file(true));
    List<String> routes = new ArrayList<>();
    if (sysfs.exists(bar.file(false))) {
      routes.add("/" + bar.file(false));
    }
    if (combining) {
      routes.add("/" + bar.file(true));
    }
    String obstacle =
        driverInTheWay(bar.device)
            .map(driver -> "the driver " + driver + " uses it")
            .orElse(routes.isEmpty() ? "the system offers no file for it" : "");
    return new Region(
        bar.index,
        bar.range,
        !bar.prefetchable,
        combining ? List.of(CacheMode.WC, CacheMode.UC_MINUS) : List.of(CacheMode.UC_MINUS),
        routes,
        obstacle);
  }

  private String description(String name) {
    String vendor = sysfs.text(DIRECTORY + name + "/vendor").orElse("unknown");
    String device = sysfs.text(DIRECTORY + name + "/device").orElse("unknown");
    return "PCI %s:%s%s"
        .formatted(
            vendor.replace("0x", ""),
            device.replace("0x", ""),
            sysfs
                .linked(DIRECTORY + name + "/driver")
                .map(driver -> ", driver " + driver)
                .orElse(""));
  }
}
