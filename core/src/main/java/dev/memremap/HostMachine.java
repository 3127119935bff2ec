// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import dev.memremap.machine.MachineDescription;
import dev.memremap.resource.Resource;
import dev.memremap.spi.HostMemory;
import java.io.UncheckedIOException;
import java.util.ServiceLoader;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How the computer's own machine is put together. */
final class HostMachine {
  private HostMachine() {}

  static MachineBuilder builder(Set<HostMemory.Permission> permissions) {
    return builder(permissions, ServiceLoader.load(HostMemory.class).findFirst().orElse(null));
  }

  static MachineBuilder builder(
      Set<HostMemory.Permission> permissions, @Nullable HostMemory provider) {
    if (provider == null) {
      throw new UnsupportedOperationException(
          "real memory needs the module dev.memremap.linux; add dev.memremap:memremap-linux to the path, or use a simulated machine");
    }
    provider.requireAvailable();
    String unreadable = null;
    MachineDescription description;
    try {
      description = MachineDescription.ofHost();
    } catch (IllegalArgumentException | UncheckedIOException e) {
      unreadable = e.getMessage();
      description = MachineDescription.ofHost(Resource.memoryRoot());
    }
    String why = unreadable;
    return Machine.builder(description)
        .hostMemory(resources -> provider.open(resources, why, permissions));
  }
}
