// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import dev.memremap.resource.PhysRange;
import dev.memremap.spi.HardwareDevice;
import dev.memremap.spi.HostMemory.Permission;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The devices of a computer, and the files that lead to their memory, as they were when they were
 * looked for.
 *
 * <p>Thread safety: immutable.
 *
 * @param devices every device that has memory
 * @param routes every file that leads to some of it, the better first
 */
record Routes(List<HardwareDevice> devices, List<Route> routes) {

  /** Looks. */
  static Routes find(
      Sysfs sysfs,
      Posix posix,
      Set<Permission> permissions,
      Supplier<? extends @Nullable Flusher> libpmem) {
    PciDevices pci = new PciDevices(sysfs);
    DaxDevices dax = new DaxDevices(sysfs);
    UioDevices uio = new UioDevices(sysfs);
    List<HardwareDevice> devices = new ArrayList<>(pci.devices());
    devices.addAll(dax.devices());
    devices.addAll(new PmemNamespaces(sysfs).devices());
    devices.addAll(uio.devices());
    List<Route> routes = new ArrayList<>();
    for (HardwareDevice device : devices) {
      if (device.kind() == HardwareDevice.Kind.PCI) {
        for (PciDevices.Bar bar : pci.bars(device.name())) {
          if (bar.prefetchable() && sysfs.exists(bar.file(true))) {
            routes.add(new PciRoute(pci, posix, bar, true, permissions));
          }
          routes.add(new PciRoute(pci, posix, bar, false, permissions));
        }
      }
    }
    for (DaxDevices.Dax one : dax.all()) {
      routes.add(new DaxRoute(dax, posix, one, one.persistent() ? libpmem.get() : null));
    }
    for (UioDevices.UioMap map : uio.all()) {
      routes.add(new UioRoute(sysfs, posix, map));
    }
    return new Routes(List.copyOf(devices), List.copyOf(routes));
  }

  /** Those that lead to every byte of a range. */
  List<Route> to(PhysRange range) {
    return routes.stream().filter(route -> route.range().contains(range)).toList();
  }

  /** Those that lead to some byte of a range. */
  List<Route> into(PhysRange range) {
    return routes.stream().filter(route -> route.range().overlaps(range)).toList();
  }

  /** A region of registers that a range touches; null if it touches none. */
  HardwareDevice.@Nullable Region registersIn(PhysRange range) {
    for (HardwareDevice device : devices) {
      for (HardwareDevice.Region region : device.regions()) {
        if (device.kind() == HardwareDevice.Kind.PCI
            && region.sideEffects()
            && region.range().overlaps(range)) {
          return region;
        }
      }
    }
    return null;
  }

  /** The device that a range lies in, or touches; null if it touches none. */
  @Nullable HardwareDevice deviceAt(PhysRange range) {
    return devices.stream().filter(device -> device.overlaps(range)).findFirst().orElse(null);
  }
}
