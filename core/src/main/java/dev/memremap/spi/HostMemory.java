// SPDX-License-Identifier: Apache-2.0
package dev.memremap.spi;

import dev.memremap.resource.ResourceSnapshot;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where the memory of the computer itself comes from: a service that the module {@code
 * dev.memremap.linux} provides.
 */
public interface HostMemory {

  /** What a user may ask of the computer's memory besides what is safe. */
  enum Permission {
    /** Maps what a kernel driver uses, or the kernel itself. */
    FORCE,
    /** Switches a PCI device's memory on, where it is off, before its BAR is mapped. */
    ENABLE
  }

  /**
   * Checks that this computer's system is one whose memory can be reached.
   *
   * @throws UnsupportedOperationException if not; the message says what is missing
   */
  void requireAvailable();

  /**
   * Opens it.
   *
   * @param resources gives the computer's resource tree as it stands; it is empty if it could not
   *     be read
   * @param unreadable why the tree could not be read; null if it could
   * @param permissions what may be done besides what is safe
   */
  PhysicalMemory open(
      Supplier<ResourceSnapshot> resources,
      @Nullable String unreadable,
      Set<Permission> permissions);
}
