// SPDX-License-Identifier: Apache-2.0
package dev.memremap.resource;

import java.util.Arrays;
import java.util.Optional;

/**
 * What a resource's memory is, beyond its flags: {@code IORES_DESC_*}.
 *
 * <p>Thread safety: immutable.
 */
public enum ResourceDesc {
  /** Not described. */
  NONE(0),
  /** Kept for a crash kernel. */
  CRASH_KERNEL(1),
  /** ACPI tables. */
  ACPI_TABLES(2),
  /** ACPI non-volatile storage. */
  ACPI_NV_STORAGE(3),
  /** Persistent memory with a driver's metadata. */
  PERSISTENT_MEMORY(4),
  /** Persistent memory that only the firmware's map names. */
  PERSISTENT_MEMORY_LEGACY(5),
  /** Memory of a device that the processor cannot address. */
  DEVICE_PRIVATE_MEMORY(6),
  /** Reserved by the firmware. */
  RESERVED(7),
  /** Reserved for a driver to claim. */
  SOFT_RESERVED(8),
  /** A CXL window. */
  CXL(9);

  private final int number;

  ResourceDesc(int number) {
    this.number = number;
  }

  /** Returns the kernel's number. */
  public int number() {
    return number;
  }

  /** Returns the descriptor with this number; empty if none has it. */
  public static Optional<ResourceDesc> of(int number) {
    return Arrays.stream(values()).filter(desc -> desc.number == number).findFirst();
  }
}
