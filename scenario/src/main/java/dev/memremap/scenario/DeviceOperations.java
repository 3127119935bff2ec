// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import dev.memremap.Device;
import dev.memremap.Machine;
import dev.memremap.page.DevPagemap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

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

  /** Takes a free range of physical addresses: what a machine does not offer yet. */
  Answer freeRegion(Arguments.FreeRegion asked) {
    return Answer.unsupported("a machine takes no free range below %s yet".formatted(asked.base()));
  }

  /** Releases what the scenario left managed. */
  void releaseAll() {
    devices.values().forEach(device -> RefOperations.undo(device::release));
  }
}
