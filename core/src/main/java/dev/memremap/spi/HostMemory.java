// SPDX-License-Identifier: Apache-2.0
package dev.memremap.spi;

import dev.memremap.resource.ResourceSnapshot;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reaches the computer's own memory: a service that the module {@code dev.memremap.linux} provides.
 */
public interface HostMemory {

  /** Unsafe operations on the computer's memory that a user can allow. */
  enum Permission {
    /** Maps what a kernel driver uses, or the kernel itself. */
    FORCE,
    /** Switches a PCI device's memory on, where it is off, before its BAR is mapped. */
    ENABLE
  }

  /**
   * Checks that the memory of this computer's system can be reached.
   *
   * @throws UnsupportedOperationException if not; the message says what is missing
   */
  void requireAvailable();

  /**
   * Opens the computer's memory.
   *
   * @param resources supplies the computer's current resource tree; empty if it could not be read
   * @param unreadable why the tree could not be read; null if it could
   * @param permissions the unsafe operations to allow
   */
  PhysicalMemory open(
      Supplier<ResourceSnapshot> resources,
      @Nullable String unreadable,
      Set<Permission> permissions);
}
