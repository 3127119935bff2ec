// SPDX-License-Identifier: Apache-2.0
package dev.memremap.internal.pages;

import dev.memremap.internal.space.AddressSpace;
import dev.memremap.internal.space.AttachedMemory;
import dev.memremap.page.PageMapping;
import dev.memremap.resource.PhysRange;
import dev.memremap.spi.HardwareDevice;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What maps the memory of a machine without a driver having said so: the file that was attached
 * there, or a device DAX of this computer.
 *
 * <p>Thread safety: for one thread, and one failure: {@code devices} is read once.
 */
final class AttachedMappings {
  private final AddressSpace space;
  private @Nullable List<HardwareDevice> devices;

  AttachedMappings(AddressSpace space) {
    this.space = space;
  }

  /** What maps the byte at an address; null if that is not known. */
  @Nullable PageMapping at(long address) {
    AttachedMemory.Origin origin = space.attachedAt(address);
    if (origin != null) {
      return origin.direct() ? PageMapping.daxFile(origin.name()) : PageMapping.file(origin.name());
    }
    List<HardwareDevice> known = devices;
    if (known == null) {
      known = space.memory().devices();
      devices = known;
    }
    PhysRange one = PhysRange.of(address, 1);
    for (HardwareDevice device : known) {
      if (device.kind() == HardwareDevice.Kind.DAX && device.overlaps(one)) {
        return PageMapping.deviceDax("/dev/" + device.name());
      }
    }
    return null;
  }
}
