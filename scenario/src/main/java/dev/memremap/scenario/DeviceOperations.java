// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import dev.memremap.Device;
import dev.memremap.Machine;
import dev.memremap.page.DevPagemap;
import dev.memremap.page.PagemapRange;
import dev.memremap.resource.PhysRange;
import dev.memremap.resource.Resource;
import dev.memremap.resource.ResourceSnapshot;
import dev.memremap.rule.MemremapException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The devices of a scenario by name, and the operations on them. */
final class DeviceOperations {
  private final Machine machine;
  private final Lookups lookups;
  private final Map<String, Device> devices = new HashMap<>();

  DeviceOperations(Machine machine, Lookups lookups) {
    this.machine = machine;
    this.lookups = lookups;
  }

  Answer define(Arguments.Name made) {
    devices.put(made.name(), ownOrNew(made.name()));
    return Answer.of(Answer.OK);
  }

  /** A scenario may give a device of its own the name of one that the machine has. */
  private Device ownOrNew(String name) {
    try {
      return machine.newDevice(name);
    } catch (IllegalArgumentException taken) {
      return machine.device(name);
    }
  }

  /** The device with this name, which the scenario's syntax has checked. */
  Device device(String name) {
    return Objects.requireNonNull(devices.get(name), name);
  }

  Answer release(Arguments.Name released) {
    Device device = device(released.name());
    List<DevPagemap> busy =
        machine.pagemaps().stream()
            .filter(map -> device.manages(map) && Lookups.isBusy(map))
            .toList();
    if (!busy.isEmpty()) {
      return lookups.busy(busy);
    }
    int count = device.release();
    return Answer.of(Answer.OK, "%d managed resources released".formatted(count));
  }

  /** Takes a free range of physical addresses; it goes with its device, or with the machine. */
  Answer freeRegion(Arguments.FreeRegion asked) {
    Optional<Resource> base = base(asked.base());
    if (base.isEmpty()) {
      return Answer.refused("no resource of the machine has the ends of " + asked.base());
    }
    try {
      PhysRange found = take(base.get(), asked).range();
      return Answer.of("ok start=0x%x size=0x%x".formatted(found.start(), found.sizeBytes()));
    } catch (MemremapException e) {
      return switch (e.errno()) {
        case EINVAL -> Answer.refused(e.sentence());
        case EOPNOTSUPP -> Answer.unsupported(e.sentence());
        default -> Answer.of("error " + e.errno(), e.sentence());
      };
    }
  }

  private Resource take(Resource base, Arguments.FreeRegion asked) {
    if (asked.align().isPresent()) {
      return machine.allocFreeMemRegion(
          base, asked.sizeBytes(), asked.align().get(), "free region");
    }
    return asked.device().isPresent()
        ? device(asked.device().get()).requestFreeMemRegion(base, asked.sizeBytes())
        : machine.requestFreeMemRegion(base, asked.sizeBytes(), "free region");
  }

  /** The outermost resource with these ends; the whole tree ends with the machine's addresses. */
  private Optional<Resource> base(PagemapRange ends) {
    if (ends.sizeBytes() == 0) {
      return Optional.empty();
    }
    ResourceSnapshot resources = machine.resources();
    long last = ends.start() + ends.sizeBytes() - 1;
    if (ends.start() == 0 && last == machine.description().lastAddress()) {
      return Optional.of(resources.root());
    }
    return resources.pathTo(ends.start()).stream()
        .filter(resource -> resource.range().start() == ends.start())
        .filter(resource -> resource.range().endInclusive() == last)
        .findFirst();
  }

  /** Releases what the scenario left managed. */
  void releaseAll() {
    devices.values().forEach(device -> RefOperations.undo(device::release));
  }
}
