// SPDX-License-Identifier: Apache-2.0
package dev.memremap.resource;

import java.util.Optional;

/**
 * What a resource's memory is, beyond its flags (RES-3): {@code IORES_DESC_*}.
 *
 * <p>Thread safety: immutable.
 */
public enum ResourceDesc {
  /** Nothing is said. */
  NONE,
  /** Kept for a crash kernel. */
  CRASH_KERNEL,
  /** ACPI tables. */
  ACPI_TABLES,
  /** ACPI non-volatile storage. */
  ACPI_NV_STORAGE,
  /** Persistent memory with a driver's metadata. */
  PERSISTENT_MEMORY,
  /** Persistent memory that only the firmware's map names. */
  PERSISTENT_MEMORY_LEGACY,
  /** Memory of a device that the processor cannot address. */
  DEVICE_PRIVATE_MEMORY,
  /** Reserved by the firmware. */
  RESERVED,
  /** Reserved for a driver to claim. */
  SOFT_RESERVED,
  /** A CXL window. */
  CXL;

  /** The kernel's number. */
  public int number() {
    return ordinal();
  }

  /** The descriptor with this number; empty if there is none. */
  public static Optional<ResourceDesc> of(int number) {
    return number < 0 || number >= values().length
        ? Optional.empty()
        : Optional.of(values()[number]);
  }
}
