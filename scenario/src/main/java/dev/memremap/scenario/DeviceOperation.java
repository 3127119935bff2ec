// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import java.util.List;

/** Operations on a device whose managed resources can be released. */
public sealed interface DeviceOperation extends Operation {

  /** The device's name. */
  String name();

  @Override
  default List<String> names() {
    return List.of(name());
  }

  /** {@code device D}. */
  record Device(int line, String name) implements DeviceOperation {}

  /** {@code device-release D}: releases its managed resources, newest first. */
  record DeviceRelease(int line, String name) implements DeviceOperation {}
}
