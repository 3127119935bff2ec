// SPDX-License-Identifier: Apache-2.0
package dev.memremap.resource;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the names in {@code /proc/iomem} mean.
 *
 * <p>The text tells names only. Flags and descriptors follow from them as the kernel sets them when
 * it makes such a resource: the firmware's map marks RAM and ACPI busy, but not what a driver may
 * still claim, except below 1 MiB, where everything is; a name that nobody knows is a driver's
 * region, which inherits from where it lies (RES-8).
 *
 * <p>Thread safety: immutable.
 */
public enum ResourceKind {
  /** Ordinary memory. */
  SYSTEM_RAM("System RAM( \\(.*\\))?", Origin.RAM, "ordinary memory that the kernel hands out"),
  /** The running kernel's code. */
  KERNEL_CODE("Kernel code", Origin.RAM, "the running kernel's instructions"),
  /** The running kernel's constants. */
  KERNEL_RODATA("Kernel rodata", Origin.RAM, "the running kernel's constants"),
  /** The running kernel's variables. */
  KERNEL_DATA("Kernel data", Origin.RAM, "the running kernel's variables"),
  /** The running kernel's zeroed variables. */
  KERNEL_BSS("Kernel bss", Origin.RAM, "the running kernel's variables that begin as zero"),
  /** Kept for a crash kernel. */
  CRASH_KERNEL(
      "Crash kernel",
      Origin.RAM,
      ResourceDesc.CRASH_KERNEL,
      "memory kept for the kernel that dumps this one after a crash"),
  /** A gap that the kernel keeps beside RAM. */
  RAM_BUFFER("RAM buffer", Origin.BUSY, "a gap the kernel keeps between RAM and devices"),
  /** Reserved by the firmware. */
  RESERVED(
      "Reserved|reserved",
      Origin.FIRMWARE,
      ResourceDesc.RESERVED,
      "memory or registers that the firmware keeps for itself"),
  /** ACPI tables. */
  ACPI_TABLES(
      "ACPI Tables",
      Origin.BUSY,
      ResourceDesc.ACPI_TABLES,
      "the firmware's description of the machine"),
  /** ACPI storage. */
  ACPI_NVS(
      "ACPI Non-volatile Storage",
      Origin.BUSY,
      ResourceDesc.ACPI_NV_STORAGE,
      "memory the firmware wants kept over sleep"),
  /** Broken memory. */
  UNUSABLE("Unusable memory", Origin.BUSY, "memory the firmware found broken"),
  /** Persistent memory. */
  PERSISTENT_MEMORY(
      "Persistent Memory",
      Origin.FIRMWARE,
      ResourceDesc.PERSISTENT_MEMORY,
      "memory that keeps its bytes without power"),
  /** Persistent memory that only the firmware's map names. */
  PERSISTENT_MEMORY_LEGACY(
      "Persistent Memory \\(legacy\\)",
      Origin.FIRMWARE,
      ResourceDesc.PERSISTENT_MEMORY_LEGACY,
      "memory that the firmware's map or memmap=…! calls persistent"),
  /** Memory that a driver may claim. */
  SOFT_RESERVED(
      "Soft Reserved",
      Origin.FIRMWARE,
      ResourceDesc.SOFT_RESERVED,
      "special memory, left for a driver such as device DAX to claim"),
  /** A CXL window. */
  CXL_WINDOW(
      "CXL Window.*", Origin.WINDOW, ResourceDesc.CXL, "addresses that lead to CXL memory devices"),
  /** A PCI bus. */
  PCI_BUS("PCI Bus [0-9a-f]{4,}:[0-9a-f]{2}", Origin.WINDOW, "addresses that lead to a PCI bus"),
  /** A PCI device. */
  PCI_DEVICE(
      "[0-9a-f]{4,}:[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7]",
      Origin.WINDOW, "a base address register (BAR) of a PCI device"),
  /** PCI configuration space. */
  PCI_ECAM(
      "PCI (ECAM|MMCONFIG) .*", Origin.BUSY, "the configuration space of PCI devices, in memory"),
  /** A ROM. */
  ROM("(Video|System|Adapter|Extension) ROM", Origin.ROM, "a read-only memory of the firmware"),
  /** An interrupt controller. */
  INTERRUPT_CONTROLLER(
      "IOAPIC [0-9]+|Local APIC", Origin.BUSY, "registers of an interrupt controller"),
  /** A timer. */
  TIMER("HPET [0-9]+", Origin.WINDOW, "registers of a timer"),
  /** A device that plug and play names. */
  PNP_DEVICE(
      "pnp [0-9a-f]{2}:[0-9a-f]{2}|(PNP|ACPI)[0-9A-F]{4}:[0-9a-f]{2,}",
      Origin.WINDOW, "a device of the mainboard"),
  /** A namespace of persistent memory. */
  PMEM_NAMESPACE("namespace[0-9]+\\.[0-9]+", Origin.DRIVER, "a namespace of persistent memory"),
  /** A device DAX instance. */
  DAX_DEVICE("dax[0-9]+\\.[0-9]+", Origin.DRIVER, "memory that a DAX device hands out whole"),
  /** Any other name. */
  OTHER(".*", Origin.DRIVER, "a region that a driver holds");

  /** Who makes such a resource, which decides its flags. */
  private enum Origin {
    RAM,
    BUSY,
    FIRMWARE,
    WINDOW,
    ROM,
    DRIVER
  }

  private static final long ONE_MIB = 1L << 20;
  private static final long INHERITED = ResourceFlags.TYPE_MASK | ResourceFlags.SYSRAM;

  private final Pattern names;
  private final Origin origin;
  private final ResourceDesc desc;
  private final String meaning;

  ResourceKind(String names, Origin origin, String meaning) {
    this(names, origin, ResourceDesc.NONE, meaning);
  }

  ResourceKind(String names, Origin origin, ResourceDesc desc, String meaning) {
    this.names = Pattern.compile(names);
    this.origin = origin;
    this.desc = desc;
    this.meaning = meaning;
  }

  /** The kind of a resource with this name; null is a name that nobody knows. */
  public static ResourceKind of(@Nullable String name) {
    if (name == null) {
      return OTHER;
    }
    for (ResourceKind kind : values()) {
      if (kind.names.matcher(name).matches()) {
        return kind;
      }
    }
    return OTHER;
  }

  /** What it is, in a phrase. */
  public String meaning() {
    return meaning;
  }

  /**
   * The flags that the kernel gives a resource of this kind.
   *
   * @param start the first byte's address
   * @param parent the flags of what it lies in
   */
  long flags(long start, long parent) {
    boolean low = Long.compareUnsigned(start, ONE_MIB) < 0;
    return switch (origin) {
      case RAM -> ResourceFlags.SYSTEM_RAM | ResourceFlags.BUSY;
      case BUSY -> ResourceFlags.MEM | ResourceFlags.BUSY;
      case FIRMWARE -> ResourceFlags.MEM | (low ? ResourceFlags.BUSY : 0);
      case WINDOW -> ResourceFlags.MEM;
      case ROM -> ResourceFlags.MEM | ResourceFlags.BUSY | ResourceFlags.READONLY;
      case DRIVER -> (parent & INHERITED) | ResourceFlags.BUSY;
    };
  }

  /**
   * The descriptor that the kernel gives a resource of this kind.
   *
   * @param parent the descriptor of what it lies in
   */
  ResourceDesc desc(ResourceDesc parent) {
    return origin == Origin.DRIVER ? parent : desc;
  }
}
