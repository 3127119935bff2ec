// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import dev.memremap.Device;
import dev.memremap.Machine;
import java.util.HashMap;
import java.util.Map;

/** The devices of a scenario by name, and the operations on them. */
final class DeviceOperations {
  private final Machine machine;
  private final Map<String, Device> devices = new HashMap<>();

  DeviceOperations(Machine machine) {
    this.machine = machine;
  }

  Answer execute(DeviceOperation operation) {
    return switch (operation) {
      case DeviceOperation.Device made -> {
        devices.put(made.name(), machine.device(made.name()));
        yield Answer.of(Answer.OK);
      }
      case DeviceOperation.DeviceRelease release -> release(release.name());
    };
  }

  private Answer release(String name) {
    Device device = devices.get(name);
    if (device == null) {
      return Answer.notLive(name);
    }
    int released = device.release();
    return Answer.of(Answer.OK, "%d managed resources released".formatted(released));
  }
}
