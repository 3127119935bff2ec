// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.resource.Resource;
import dev.memremap.resource.ResourceKind;
import java.math.BigInteger;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * How much there is of each kind of memory. A byte counts once, for the innermost resource around
 * it whose kind says what the memory is. Others only say what uses it: a driver, a namespace, a DAX
 * device. What lies in System RAM is System RAM.
 */
final class MemoryTotals {
  private static final Set<ResourceKind> USES =
      EnumSet.of(
          ResourceKind.PMEM_NAMESPACE,
          ResourceKind.DAX_DEVICE,
          ResourceKind.CXL_REGION,
          ResourceKind.SOFT_RESERVED_DEVICE,
          ResourceKind.VMEMMAP,
          ResourceKind.DRIVER_REGION,
          ResourceKind.OTHER);

  private final Map<ResourceKind, BigInteger> bytes = new EnumMap<>(ResourceKind.class);

  private MemoryTotals() {}

  /** The totals of all that lies below a root, by what each is called. */
  static Map<String, BigInteger> of(Resource root) {
    MemoryTotals totals = new MemoryTotals();
    root.children().forEach(child -> totals.add(child, ResourceKind.OTHER));
    Map<String, BigInteger> named = new LinkedHashMap<>();
    totals.bytes.forEach(
        (kind, sum) -> {
          if (sum.signum() != 0) {
            named.put(label(kind), sum);
          }
        });
    return named;
  }

  /**
   * What the innermost of some resources, each in the one before it, is.
   *
   * @param path at least one
   */
  static ResourceKind kind(List<Resource> path) {
    ResourceKind kind = ResourceKind.OTHER;
    for (Resource resource : path) {
      if (resource.isSystemRam()) {
        return ResourceKind.SYSTEM_RAM;
      }
      kind = within(kind, resource.kind());
    }
    return kind;
  }

  /** What a resource is that lies in one of another kind. */
  private static ResourceKind within(ResourceKind around, ResourceKind own) {
    return USES.contains(own) && around != ResourceKind.OTHER ? around : own;
  }

  private void add(Resource resource, ResourceKind around) {
    if (resource.isSystemRam()) {
      count(ResourceKind.SYSTEM_RAM, Words.bytes(resource.range()));
      return;
    }
    ResourceKind kind = within(around, resource.kind());
    BigInteger left = Words.bytes(resource.range());
    for (Resource child : resource.children()) {
      left = left.subtract(Words.bytes(child.range()));
      add(child, kind);
    }
    count(kind, left);
  }

  private void count(ResourceKind kind, BigInteger size) {
    bytes.merge(kind, size, BigInteger::add);
  }

  private static String label(ResourceKind kind) {
    return switch (kind) {
      case SYSTEM_RAM -> "System RAM";
      case RAM_BUFFER -> "RAM buffer";
      case ROM -> "ROM";
      case APEI -> "Error records";
      case UNKNOWN_E820 -> "Unknown E820 types";
      case PCI_BUS -> "PCI buses";
      case PCI_DEVICE -> "PCI devices";
      case PCI_ECAM -> "PCI configuration";
      case PNP_DEVICE -> "Devices of the mainboard";
      case ACPI_DEVICE -> "Devices that ACPI names";
      case ACPI_TABLES -> "ACPI tables";
      case ACPI_NVS -> "ACPI storage";
      case CXL_WINDOW -> "CXL windows";
      case CXL_REGION -> "CXL regions";
      case DAX_DEVICE -> "DAX devices";
      case VIDEO_RAM -> "Video RAM";
      case GART -> "GART";
      case IOMMU -> "IOMMUs";
      case VMD_WINDOW -> "VMD windows";
      case HYPERV_WINDOW -> "Hyper-V windows";
      case PERSISTENT_MEMORY_LEGACY -> "Persistent memory (legacy)";
      case OTHER -> "Unknown to memremap";
      default -> {
        String words = kind.name().toLowerCase(Locale.ROOT).replace('_', ' ');
        yield Character.toUpperCase(words.charAt(0)) + words.substring(1);
      }
    };
  }
}
