// SPDX-License-Identifier: Apache-2.0
package dev.memremap.drawing.model;

import dev.memremap.resource.ResourceKind;
import java.util.Locale;
import java.util.Objects;

/** What a box stands for. Each renderer has a colour and a pattern for each kind. */
public enum Kind {
  /** Ordinary memory. */
  SYSTEM_RAM("System RAM"),
  /** The running kernel, and what it keeps for a crash kernel. */
  KERNEL("kernel"),
  /** Kept by the firmware. */
  RESERVED("Reserved"),
  /** Tables and storage of ACPI. */
  ACPI("ACPI"),
  /** A read-only memory of the firmware. */
  ROM("ROM"),
  /** Broken memory. */
  UNUSABLE("Unusable memory"),
  /** Addresses that lead to a bus. */
  PCI_WINDOW("bus window"),
  /** A base address register of a device, or a device of the mainboard. */
  DEVICE("device (BAR)"),
  /** What a driver claimed of a device. */
  DRIVER("claimed by a driver"),
  /** Registers of the machine itself. */
  REGISTERS("registers"),
  /** Memory that keeps its bytes. */
  PERSISTENT_MEMORY("Persistent Memory"),
  /** Addresses that lead to CXL memory. */
  CXL_WINDOW("CXL window"),
  /** Special memory that a driver may claim. */
  SOFT_RESERVED("Soft Reserved"),
  /** Memory that a namespace or device DAX hands out. */
  DEVICE_MEMORY("device memory"),
  /** A name that is not known. */
  UNKNOWN("other"),
  /** No resource lies there; the scale is folded. */
  HOLE("hole, not to scale"),
  /** Neighbours that have no room of their own. */
  GROUP("several, drawn as one"),

  /** A request that is granted. */
  GRANTED("asked, granted"),
  /** A request that is refused. */
  REFUSED("asked, refused"),
  /** A range near a refused one that would be granted. */
  NEAREST("would be granted"),
  /** A mapping that is open. */
  MAPPING("mapping"),
  /** Addresses that the memory type range registers make uncachable. */
  UNCACHABLE("uncachable by MTRR"),
  /** Addresses that the kernel itself has mapped. */
  KERNEL_MAPPING("mapped by the kernel"),
  /** A page map that lookups find. */
  PAGEMAP_LIVE("page map, live"),
  /** A page map whose reference was killed. */
  PAGEMAP_KILLED("page map, killed"),
  /** A page map that waits for its holders. */
  PAGEMAP_DRAINING("page map, draining"),
  /** A page map that is only planned. */
  PAGEMAP_PLANNED("page map, planned"),

  /** Pages at the start that are the driver's own. */
  ALTMAP_RESERVE("reserve"),
  /** Pages that hold page structures. */
  ALTMAP_USED("page structures"),
  /** Pages set aside for page structures. */
  ALTMAP_FREE("set aside, free"),
  /** Pages that can be used. */
  PAGES("pages"),
  /** System RAM, as the part of a request that overlaps it. */
  PART_RAM("part in System RAM"),
  /** No System RAM, as the part of a request beside it. */
  PART_OTHER("part beside System RAM"),

  /** Pages of which none is in use. */
  HEAT_0("pages not in use"),
  /** Pages with one reference. */
  HEAT_1("1 reference"),
  /** Pages with few references. */
  HEAT_2("2 to 3 references"),
  /** Pages with more references. */
  HEAT_3("4 to 15 references"),
  /** Pages with many references. */
  HEAT_4("16 references or more"),
  /** Pages of which one is poisoned. */
  POISONED("poisoned page"),

  /** A step of a teardown. */
  EVENT("step of a teardown"),
  /** A step of a teardown that has not come. */
  EVENT_AHEAD("step that has not come");

  private final String words;

  Kind(String words) {
    this.words = words;
  }

  /** Returns its name in style sheets, such as {@code system-ram}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Returns what a legend says of it. */
  public String words() {
    return words;
  }

  /** Returns whether it explains what is asked, and so is drawn further away. */
  boolean isFurther() {
    return switch (this) {
      case NEAREST, UNCACHABLE, KERNEL_MAPPING, SOFT_RESERVED -> true;
      default -> false;
    };
  }

  /** Returns the kind of so many references. */
  public static Kind ofReferences(long count) {
    return count <= 0
        ? HEAT_0
        : count == 1 ? HEAT_1 : count < 4 ? HEAT_2 : count < 16 ? HEAT_3 : HEAT_4;
  }

  /** Returns the kind that a resource is drawn as. */
  public static Kind of(ResourceKind kind) {
    return switch (Objects.requireNonNull(kind, "kind")) {
      case SYSTEM_RAM -> SYSTEM_RAM;
      case KERNEL_IMAGE, KERNEL_CODE, KERNEL_RODATA, KERNEL_DATA, KERNEL_BSS, CRASH_KERNEL ->
          KERNEL;
      case RESERVED, RAM_BUFFER, UNKNOWN_E820, GRAPHICS_MEMORY, VIDEO_RAM -> RESERVED;
      case ACPI_TABLES, ACPI_NVS, APEI -> ACPI;
      case UNUSABLE -> UNUSABLE;
      case PERSISTENT_MEMORY, PERSISTENT_MEMORY_LEGACY -> PERSISTENT_MEMORY;
      case SOFT_RESERVED, SOFT_RESERVED_DEVICE -> SOFT_RESERVED;
      case CXL_WINDOW, CXL_REGION, VIRTIO_MEMORY -> CXL_WINDOW;
      case PCI_BUS, VMD_WINDOW, HYPERV_WINDOW, GART -> PCI_WINDOW;
      case PCI_DEVICE, PNP_DEVICE, ACPI_DEVICE -> DEVICE;
      case PCI_ECAM, INTERRUPT_CONTROLLER, IOMMU, TIMER -> REGISTERS;
      case ROM -> ROM;
      case DRIVER_REGION -> DRIVER;
      case PMEM_NAMESPACE, DAX_DEVICE, VMEMMAP -> DEVICE_MEMORY;
      case OTHER -> UNKNOWN;
    };
  }
}
