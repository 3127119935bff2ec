// SPDX-License-Identifier: Apache-2.0
package dev.memremap.spi;

import dev.memremap.cache.CacheMode;
import dev.memremap.resource.PhysRange;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A device of a computer with memory or registers of its own, as the system shows it.
 *
 * <p>Thread safety: immutable, a snapshot.
 *
 * @param name its name in the system: {@code 0000:03:00.0}, {@code dax0.0}, {@code namespace0.0},
 *     {@code uio0}
 * @param kind what it is
 * @param description what else is known of it, in a phrase
 * @param driver the kernel driver that uses it; null if none does, or unknown
 * @param regions its memory, by number
 */
public record HardwareDevice(
    String name, Kind kind, String description, @Nullable String driver, List<Region> regions) {

  /** The kinds of devices. */
  public enum Kind {
    /** A PCI function. */
    PCI,
    /** Memory that device DAX hands out whole. */
    DAX,
    /** A namespace of persistent memory. */
    PMEM,
    /** A device whose registers a user-space driver may map. */
    UIO
  }

  /**
   * Memory of a device.
   *
   * @param index its number: of a BAR or a map
   * @param range its physical addresses
   * @param sideEffects whether reading may have an effect, as of registers: map it with {@code
   *     ioremap} only
   * @param modes the cache modes that its routes give, the weakest caching last
   * @param routes the files that lead there
   * @param obstacle what is in the way, in a phrase; empty if nothing is
   */
  public record Region(
      int index,
      PhysRange range,
      boolean sideEffects,
      List<CacheMode> modes,
      List<String> routes,
      String obstacle) {
    /** Checks the parts. */
    public Region {
      Objects.requireNonNull(modes, "modes");
      Objects.requireNonNull(routes, "routes");
      Objects.requireNonNull(range, "range");
      Objects.requireNonNull(obstacle, "obstacle");
      modes = List.copyOf(modes);
      routes = List.copyOf(routes);
    }
  }

  /** Drivers that hold a device for a program, without using it themselves. */
  private static final Set<String> FOR_PROGRAMS =
      Set.of("vfio-pci", "uio_pci_generic", "igb_uio", "pci-stub");

  /**
   * Returns whether a kernel driver only holds its device for a program, so that a program can map
   * it.
   */
  public static boolean isForPrograms(String driver) {
    Objects.requireNonNull(driver, "driver");
    return FOR_PROGRAMS.contains(driver);
  }

  /** Makes a device without a known driver. */
  public HardwareDevice(String name, Kind kind, String description, List<Region> regions) {
    this(name, kind, description, null, regions);
  }

  /** Checks the parts. */
  public HardwareDevice {
    Objects.requireNonNull(regions, "regions");
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(description, "description");
    regions = List.copyOf(regions);
  }

  /**
   * Returns the region with this number.
   *
   * @throws IllegalArgumentException if the device has no such region; the message names its
   *     regions
   */
  public Region region(int index) {
    return regions.stream()
        .filter(region -> region.index == index)
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "%s has no memory region %d; it has %s".formatted(name, index, numbers())));
  }

  private String numbers() {
    return regions.isEmpty()
        ? "none"
        : regions.stream()
            .map(region -> String.valueOf(region.index))
            .collect(Collectors.joining(", "));
  }

  /** Returns whether it has memory at any of these addresses. */
  public boolean overlaps(PhysRange range) {
    Objects.requireNonNull(range, "range");
    return regions.stream().anyMatch(region -> region.range.overlaps(range));
  }
}
