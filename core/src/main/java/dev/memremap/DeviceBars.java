// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import dev.memremap.machine.MachineDescription;
import dev.memremap.machine.MachineDescription.Bar;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.ResourceKind;
import dev.memremap.resource.ResourceSnapshot;
import dev.memremap.spi.HardwareDevice;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where a device's memory lies, and by which number each region is known.
 *
 * <p>Hardware numbers its own regions. On a described machine, the resources with the device's name
 * are its regions, and the {@code bar=} lines of its file number them.
 *
 * <p>Thread safety: immutable.
 *
 * @param device its name
 * @param hardware what the computer's system shows; null if the machine has no such hardware
 * @param numbered regions by their numbers
 * @param all every region, numbered or not, in the order of their addresses
 */
record DeviceBars(
    String device,
    @Nullable HardwareDevice hardware,
    TreeMap<Integer, PhysRange> numbered,
    List<PhysRange> all) {

  /** Names of a resource tree that are not those of devices. */
  private static final Set<ResourceKind> NO_DEVICES =
      EnumSet.complementOf(
          EnumSet.of(
              ResourceKind.PCI_DEVICE,
              ResourceKind.PNP_DEVICE,
              ResourceKind.TIMER,
              ResourceKind.PMEM_NAMESPACE,
              ResourceKind.DAX_DEVICE,
              ResourceKind.OTHER));

  /** The regions of a device that is not the machine's own. */
  static DeviceBars none(String device) {
    return new DeviceBars(device, null, new TreeMap<>(), List.of());
  }

  /** The regions of hardware. */
  static DeviceBars of(HardwareDevice hardware) {
    TreeMap<Integer, PhysRange> numbered = new TreeMap<>();
    hardware.regions().forEach(region -> numbered.put(region.index(), region.range()));
    return new DeviceBars(hardware.name(), hardware, numbered, sorted(numbered, Set.of()));
  }

  /** The regions that a machine's description gives a device; empty if it has no such device. */
  static DeviceBars of(String device, MachineDescription description) {
    TreeMap<Integer, PhysRange> numbered = new TreeMap<>();
    for (Bar bar : description.bars()) {
      if (bar.device().equals(device)) {
        numbered.put(bar.index(), bar.range());
      }
    }
    Set<PhysRange> named = new TreeSet<>();
    new ResourceSnapshot(description.root())
        .walk(
            (resource, depth) -> {
              if (device.equals(resource.name()) && !NO_DEVICES.contains(resource.kind())) {
                named.add(resource.range());
              }
            });
    return new DeviceBars(device, null, numbered, sorted(numbered, named));
  }

  private static List<PhysRange> sorted(
      TreeMap<Integer, PhysRange> numbered, Set<PhysRange> named) {
    Set<PhysRange> all = new TreeSet<>(numbered.values());
    all.addAll(named);
    return List.copyOf(all);
  }

  /** The names that a description has devices by, and whether it says that they are devices. */
  static Map<String, Boolean> names(MachineDescription description) {
    Map<String, Boolean> names = new TreeMap<>();
    new ResourceSnapshot(description.root())
        .walk(
            (resource, depth) -> {
              String name = resource.name();
              if (name != null && !NO_DEVICES.contains(resource.kind())) {
                names.put(name, resource.kind() != ResourceKind.OTHER);
              }
            });
    description.bars().forEach(bar -> names.put(bar.device(), true));
    return names;
  }

  /** Whether the machine has no such device of its own. */
  boolean isEmpty() {
    return hardware == null && all.isEmpty();
  }

  /** The one region. */
  PhysRange only() {
    if (all.size() != 1) {
      throw new IllegalStateException(
          isEmpty()
              ? notOurs()
              : "%s has %d memory regions; take one with bar(N)".formatted(device, all.size()));
    }
    return all.getFirst();
  }

  /** The region with this number. */
  PhysRange bar(int index) {
    if (isEmpty()) {
      throw new IllegalStateException(notOurs());
    }
    PhysRange found = numbered.get(index);
    if (found != null) {
      return found;
    }
    List<PhysRange> unnumbered = new ArrayList<>(all);
    unnumbered.removeAll(numbered.values());
    throw new IllegalArgumentException(
        unnumbered.isEmpty()
            ? "%s has no memory region %d; it has %s".formatted(device, index, numbers())
            : "the machine file does not say which region of %s is its BAR %d; the line missing is '# bar=%s,%d,START+SIZE', where START+SIZE is %s"
                .formatted(device, index, device, index, written(unnumbered)));
  }

  private String numbers() {
    return numbered.keySet().stream().map(String::valueOf).collect(Collectors.joining(", "));
  }

  private static String written(List<PhysRange> ranges) {
    return ranges.stream()
        .map(range -> "0x%x+0x%x".formatted(range.start(), range.sizeBytes()))
        .collect(Collectors.joining(" or "));
  }

  private String notOurs() {
    return "no hardware is named %s, so it has no memory of its own; machine.device(NAME) takes a device that has"
        .formatted(device);
  }
}
