// SPDX-License-Identifier: Apache-2.0
package dev.memremap.resource;

import dev.memremap.rule.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Tells what the names in {@code /proc/iomem} mean.
 *
 * <p>The text holds only names. Flags and descriptors follow from the name, as the kernel sets them
 * for such a resource: RAM and ACPI ranges of the firmware's map are busy; ranges that a driver may
 * still claim are busy only below 1 MiB. A resource with an unknown name has the type of its parent
 * ({@link Rule#RES_8 RES-8}). It is busy only inside a device, where a driver must have requested
 * it.
 *
 * <p>Thread safety: immutable.
 */
public enum ResourceKind {
  /** Ordinary memory. */
  SYSTEM_RAM("System RAM( \\(.*\\))?", Origin.RAM, "ordinary memory that the kernel hands out"),
  /** The running kernel, whole. */
  KERNEL_IMAGE("Kernel image", Origin.RAM, "the running kernel"),
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
  /** Memory of a type that the firmware's map has and the kernel does not know. */
  UNKNOWN_E820("Unknown E820 type", Origin.BUSY, "memory of a type that the kernel does not know"),
  /** Records of hardware errors. */
  APEI("APEI [A-Za-z0-9]+", Origin.BUSY, "where the firmware reports errors of the hardware"),
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
  /** A region of CXL memory. */
  CXL_REGION("region[0-9]+", Origin.WINDOW, "CXL memory, interleaved over its devices"),
  /** Memory that a hypervisor adds and takes. */
  VIRTIO_MEMORY(
      "virtio[0-9]+", Origin.WINDOW, "addresses in which virtio-mem adds and takes memory"),
  /** A PCI bus. */
  PCI_BUS(
      "PCI (Bus|CardBus) ([0-9a-f]{4,}:[0-9a-f]{2}|#[0-9a-f]{2,})",
      Origin.WINDOW, "addresses that lead to a PCI bus"),
  /** A PCI device. */
  PCI_DEVICE(
      "[0-9a-f]{4,}:[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7]",
      Origin.DEVICE, "a base address register (BAR) of a PCI device"),
  /** PCI configuration space. */
  PCI_ECAM(
      "PCI (ECAM|MMCONFIG) .*", Origin.BUSY, "the configuration space of PCI devices, in memory"),
  /** A window of Intel's volume management device. */
  VMD_WINDOW(
      "VMD (CFGBAR|MEMBAR[12])",
      Origin.WINDOW,
      "addresses that lead to the PCI devices behind a VMD"),
  /** A window of Hyper-V. */
  HYPERV_WINDOW(
      "(hyperv|hv) ?_?mmio", Origin.WINDOW, "addresses that Hyper-V keeps for its devices"),
  /** The window of a VGA adapter below 1 MiB. */
  VIDEO_RAM("Video RAM area", Origin.BUSY, "the memory of a VGA adapter"),
  /** RAM that belongs to a graphics adapter. */
  GRAPHICS_MEMORY(
      "Graphics Stolen Memory", Origin.DRIVER, "RAM that the firmware gave to a graphics adapter"),
  /** An aperture of AMD's GART. */
  GART("GART", Origin.WINDOW, "an aperture whose pages AMD's GART remaps"),
  /** A ROM. */
  ROM("(Video|System|Adapter|Extension) ROM", Origin.ROM, "a read-only memory of the firmware"),
  /** An interrupt controller. */
  INTERRUPT_CONTROLLER(
      "IOAPIC [0-9]+|Local APIC", Origin.BUSY, "registers of an interrupt controller"),
  /** An IOMMU. */
  IOMMU("dmar[0-9]+|amd_iommu", Origin.BUSY, "registers of an IOMMU"),
  /** A timer. */
  TIMER("HPET [0-9]+", Origin.DEVICE, "registers of a timer"),
  /** A device that plug and play names. */
  PNP_DEVICE(
      "pnp [0-9a-f]{2}:[0-9a-f]{2}|(PNP|ACPI)[0-9A-F]{4}:[0-9a-f]{2,}",
      Origin.DEVICE, "a device of the mainboard"),
  /** A device that ACPI names by its hardware identifier. */
  ACPI_DEVICE("[A-Z][0-9A-Z]{6,7}:[0-9a-f]{2,}", Origin.DEVICE, "a device that ACPI names"),
  /** What a driver claimed of a platform device, named after both. */
  DRIVER_REGION(
      "[A-Z][0-9A-Z]{6,7}:[0-9a-f]{2,} .+|[0-9a-f]+\\.[0-9a-zA-Z,_-]+( .+)?",
      Origin.DRIVER,
      "registers that a device's driver claimed"),
  /** A namespace of persistent memory. */
  PMEM_NAMESPACE("namespace[0-9]+\\.[0-9]+", Origin.DRIVER, "a namespace of persistent memory"),
  /** A device DAX instance. */
  DAX_DEVICE("dax[0-9]+\\.[0-9]+", Origin.DRIVER, "memory that a DAX device hands out whole"),
  /** Special memory as a platform device. */
  SOFT_RESERVED_DEVICE("hmem\\.[0-9]+", Origin.WINDOW, "special memory, as device DAX finds it"),
  /** Page structures of a device. */
  VMEMMAP(
      "Device Backed Vmemmap.*", Origin.DRIVER, "page structures that lie in the device's memory"),
  /** Any other name. */
  OTHER(".*", Origin.UNKNOWN, "unknown to memremap");

  /** What makes such a resource, which decides its flags. */
  private enum Origin {
    RAM,
    BUSY,
    FIRMWARE,
    WINDOW,
    DEVICE,
    ROM,
    DRIVER,
    UNKNOWN
  }

  private static final long ONE_MIB = 1L << 20;
  private static final char LETTERS = 128;
  private static final ResourceKind[] ALL = values();

  /**
   * By the first letter of a name, the kinds whose names can begin with it: trying every pattern on
   * each line would double the time that a large map takes. Computed lazily; racing threads compute
   * equal entries.
   */
  private static final AtomicReferenceArray<ResourceKind @Nullable []> BY_FIRST =
      new AtomicReferenceArray<>(LETTERS);

  private static final long INHERITED = ResourceFlags.TYPE_MASK | ResourceFlags.SYSRAM;

  private final Pattern names;
  private final Origin origin;
  private final ResourceDesc desc;
  private final String meaning;

  /** Whether its names begin with a word of the kernel's, instead of a device's own. */
  private final boolean isWords;

  ResourceKind(String names, Origin origin, String meaning) {
    this(names, origin, ResourceDesc.NONE, meaning);
  }

  ResourceKind(String names, Origin origin, ResourceDesc desc, String meaning) {
    this.names = Pattern.compile(names);
    this.origin = origin;
    this.desc = desc;
    this.meaning = meaning;
    this.isWords = !names.startsWith("[");
  }

  /**
   * Returns the kind of a resource with this name; {@link #OTHER} for an unknown name, and for
   * null.
   */
  public static ResourceKind of(@Nullable String name) {
    if (name == null) {
      return OTHER;
    }
    for (ResourceKind kind : candidates(name)) {
      if (kind.names.matcher(name).matches()) {
        return kind;
      }
    }
    return OTHER;
  }

  /** The kinds whose names can begin as this one does, in their order. */
  private static ResourceKind[] candidates(String name) {
    char first = name.isEmpty() ? LETTERS : name.charAt(0);
    if (first >= LETTERS) {
      return ALL;
    }
    ResourceKind[] known = BY_FIRST.get(first);
    if (known == null) {
      known = beginningWith(first);
      BY_FIRST.set(first, known);
    }
    return known;
  }

  /**
   * A pattern that fails before it has read past the letter matches no name that begins with it.
   */
  @SuppressWarnings("JdkObsolete") // hitEnd alone tells whether further letters could match
  private static ResourceKind[] beginningWith(char first) {
    List<ResourceKind> kinds = new ArrayList<>();
    for (ResourceKind kind : ALL) {
      Matcher matcher = kind.names.matcher(String.valueOf(first));
      if (matcher.matches() || matcher.hitEnd()) {
        kinds.add(kind);
      }
    }
    return kinds.toArray(ResourceKind[]::new);
  }

  /**
   * Returns whether a name is unknown, but the beginning of a known one, as in a copy that was cut.
   * Digits alone do not count, though a device's address begins with them.
   */
  @SuppressWarnings("JdkObsolete") // hitEnd alone tells whether further letters could match
  public static boolean isBeginning(String name) {
    Objects.requireNonNull(name, "name");
    if (of(name) != OTHER || name.isEmpty()) {
      return false;
    }
    for (ResourceKind kind : ALL) {
      boolean begins = kind.isWords || name.indexOf(':') >= 0;
      Matcher matcher = kind.names.matcher(name);
      if (begins && !matcher.matches() && matcher.hitEnd()) {
        return true;
      }
    }
    return false;
  }

  /** Returns what it is, in a phrase. */
  public String meaning() {
    return meaning;
  }

  /** Whether it is a device's own addresses, in which only drivers request regions. */
  boolean isDevice() {
    return origin == Origin.DEVICE;
  }

  /**
   * The flags that the kernel gives a resource of this kind.
   *
   * @param start the first byte's address
   * @param parent the flags of what it lies in
   * @param isInDevice whether that is a device
   */
  long flags(long start, long parent, boolean isInDevice) {
    boolean low = Long.compareUnsigned(start, ONE_MIB) < 0;
    return switch (origin) {
      case RAM -> ResourceFlags.SYSTEM_RAM | ResourceFlags.BUSY;
      case BUSY -> ResourceFlags.MEM | ResourceFlags.BUSY;
      case FIRMWARE -> ResourceFlags.MEM | (low ? ResourceFlags.BUSY : 0);
      case WINDOW, DEVICE -> ResourceFlags.MEM;
      case ROM -> ResourceFlags.MEM | ResourceFlags.BUSY | ResourceFlags.READONLY;
      case DRIVER -> (parent & INHERITED) | ResourceFlags.BUSY;
      case UNKNOWN -> (parent & INHERITED) | (isInDevice ? ResourceFlags.BUSY : 0);
    };
  }

  /**
   * The descriptor that the kernel gives a resource of this kind.
   *
   * @param parent the descriptor of what it lies in
   */
  ResourceDesc desc(ResourceDesc parent) {
    return origin == Origin.DRIVER || origin == Origin.UNKNOWN ? parent : desc;
  }
}
