// SPDX-License-Identifier: Apache-2.0
package dev.memremap.resource;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ResourceKindTest {
  private static final PhysRange ABOVE_ONE_MIB = new PhysRange(0x100000, 0x1fffff);
  private static final PhysRange BELOW_ONE_MIB = new PhysRange(0xff000, 0xfffff);

  @ParameterizedTest
  @CsvSource({
    "System RAM, SYSTEM_RAM, RAM|BUSY, NONE",
    "System RAM (kmem), SYSTEM_RAM, RAM|BUSY, NONE",
    "System RAM (virtio_mem), SYSTEM_RAM, RAM|BUSY, NONE",
    "Kernel code, KERNEL_CODE, RAM|BUSY, NONE",
    "Kernel rodata, KERNEL_RODATA, RAM|BUSY, NONE",
    "Kernel data, KERNEL_DATA, RAM|BUSY, NONE",
    "Kernel bss, KERNEL_BSS, RAM|BUSY, NONE",
    "Crash kernel, CRASH_KERNEL, RAM|BUSY, CRASH_KERNEL",
    "RAM buffer, RAM_BUFFER, MEM|BUSY, NONE",
    "Reserved, RESERVED, MEM, RESERVED",
    "ACPI Tables, ACPI_TABLES, MEM|BUSY, ACPI_TABLES",
    "ACPI Non-volatile Storage, ACPI_NVS, MEM|BUSY, ACPI_NV_STORAGE",
    "Unusable memory, UNUSABLE, MEM|BUSY, NONE",
    "Persistent Memory, PERSISTENT_MEMORY, MEM, PERSISTENT_MEMORY",
    "Persistent Memory (legacy), PERSISTENT_MEMORY_LEGACY, MEM, PERSISTENT_MEMORY_LEGACY",
    "Soft Reserved, SOFT_RESERVED, MEM, SOFT_RESERVED",
    "CXL Window 0, CXL_WINDOW, MEM, CXL",
    "PCI Bus 0000:00, PCI_BUS, MEM, NONE",
    "PCI Bus 10000:e0, PCI_BUS, MEM, NONE",
    "0000:00:02.0, PCI_DEVICE, MEM, NONE",
    "10000:e1:00.7, PCI_DEVICE, MEM, NONE",
    "PCI ECAM 0000 [bus 00-ff], PCI_ECAM, MEM|BUSY, NONE",
    "PCI MMCONFIG 0000 [bus 00-ff], PCI_ECAM, MEM|BUSY, NONE",
    "Video ROM, ROM, MEM|BUSY|READONLY, NONE",
    "System ROM, ROM, MEM|BUSY|READONLY, NONE",
    "Adapter ROM, ROM, MEM|BUSY|READONLY, NONE",
    "IOAPIC 0, INTERRUPT_CONTROLLER, MEM|BUSY, NONE",
    "Local APIC, INTERRUPT_CONTROLLER, MEM|BUSY, NONE",
    "HPET 0, TIMER, MEM, NONE",
    "pnp 00:05, PNP_DEVICE, MEM, NONE",
    "PNP0103:00, PNP_DEVICE, MEM, NONE",
    "namespace0.0, PMEM_NAMESPACE, MEM|BUSY, NONE",
    "dax1.0, DAX_DEVICE, MEM|BUSY, NONE",
    "Kernel image, KERNEL_IMAGE, RAM|BUSY, NONE",
    "Unknown E820 type, UNKNOWN_E820, MEM|BUSY, NONE",
    "APEI ERST, APEI, MEM|BUSY, NONE",
    "Video RAM area, VIDEO_RAM, MEM|BUSY, NONE",
    "Graphics Stolen Memory, GRAPHICS_MEMORY, MEM|BUSY, NONE",
    "GART, GART, MEM, NONE",
    "dmar0, IOMMU, MEM|BUSY, NONE",
    "amd_iommu, IOMMU, MEM|BUSY, NONE",
    "PCI Bus #01, PCI_BUS, MEM, NONE",
    "PCI CardBus 0000:02, PCI_BUS, MEM, NONE",
    "VMD MEMBAR1, VMD_WINDOW, MEM, NONE",
    "hyperv mmio, HYPERV_WINDOW, MEM, NONE",
    "hv_mmio, HYPERV_WINDOW, MEM, NONE",
    "region0, CXL_REGION, MEM, NONE",
    "virtio1, VIRTIO_MEMORY, MEM, NONE",
    "hmem.0, SOFT_RESERVED_DEVICE, MEM, NONE",
    "Device Backed Vmemmap, VMEMMAP, MEM|BUSY, NONE",
    "MSFT0101:00, ACPI_DEVICE, MEM, NONE",
    "INT0800:00, ACPI_DEVICE, MEM, NONE",
    "VMGENCTR:00, ACPI_DEVICE, MEM, NONE",
    "INTC1055:00 INTC1055:00, DRIVER_REGION, MEM|BUSY, NONE",
    "9000000.pl011 pl011@9000000, DRIVER_REGION, MEM|BUSY, NONE",
    "10000000.uart (ttyS0), DRIVER_REGION, MEM|BUSY, NONE",
    "nvme, OTHER, MEM, NONE",
    "0000:00:02.8, OTHER, MEM, NONE",
    "system ram, OTHER, MEM, NONE",
    "System RAMs, OTHER, MEM, NONE",
  })
  @DisplayName("RES-2 RES-3 a name says the kind, and with it flags and descriptor")
  void kinds(String name, ResourceKind kind, String flags, ResourceDesc desc) {
    assertThat(ResourceKind.of(name)).isEqualTo(kind);
    Resource made = Resource.of(kind, ABOVE_ONE_MIB, name, Resource.memoryRoot());
    assertThat(made.flags()).isEqualTo(bits(flags));
    assertThat(made.desc()).isEqualTo(desc);
    assertThat(made.name()).isEqualTo(name);
    assertThat(made.kind()).isEqualTo(kind);
  }

  private static long bits(String names) {
    long bits = 0;
    for (String name : names.split("\\|")) {
      bits |=
          switch (name) {
            case "RAM" -> 0x01000200L;
            case "MEM" -> 0x200L;
            case "BUSY" -> 0x80000000L;
            case "READONLY" -> 0x4000L;
            default -> throw new IllegalArgumentException(name);
          };
    }
    return bits;
  }

  @ParameterizedTest
  @CsvSource({"Reserved", "Persistent Memory", "Persistent Memory (legacy)", "Soft Reserved"})
  @DisplayName("what the firmware lists below 1 MiB is busy")
  void firmwareBelowOneMib(String name) {
    Resource made = Resource.of(ResourceKind.of(name), BELOW_ONE_MIB, name, Resource.memoryRoot());
    assertThat(made.isBusy()).isTrue();
    assertThat(
            Resource.of(
                    ResourceKind.PCI_BUS, BELOW_ONE_MIB, "PCI Bus 0000:00", Resource.memoryRoot())
                .isBusy())
        .isFalse();
  }

  @ParameterizedTest
  @CsvSource({"nvme", "namespace0.0", "dax0.0"})
  @DisplayName("RES-8 a driver's region takes type and descriptor from where it lies")
  void driversInherit(String name) {
    Resource ram =
        Resource.of(ResourceKind.SYSTEM_RAM, ABOVE_ONE_MIB, "System RAM", Resource.memoryRoot());
    Resource soft =
        Resource.of(
            ResourceKind.SOFT_RESERVED, ABOVE_ONE_MIB, "Soft Reserved", Resource.memoryRoot());
    ResourceKind kind = ResourceKind.of(name);
    assertThat(Resource.of(kind, ABOVE_ONE_MIB, name, ram).isSystemRam()).isTrue();
    assertThat(Resource.of(kind, ABOVE_ONE_MIB, name, soft).desc())
        .isEqualTo(ResourceDesc.SOFT_RESERVED);
    assertThat(Resource.of(kind, ABOVE_ONE_MIB, name, soft).isSystemRam()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "0000:00:02.0, true",
    "PNP0103:00, true",
    "MSFT0101:00, true",
    "PCI Bus 0000:00, false",
    "Reserved, false",
    "CXL Window 0, false",
  })
  @DisplayName("a name that is not known is busy inside a device, where a driver requested it")
  void unknownNames(String parentName, boolean busy) {
    Resource parent =
        Resource.of(ResourceKind.of(parentName), ABOVE_ONE_MIB, parentName, Resource.memoryRoot());
    Resource made = Resource.of(ResourceKind.OTHER, ABOVE_ONE_MIB, "nvme", parent);
    assertThat(made.isBusy()).isEqualTo(busy);
  }

  @ParameterizedTest
  @CsvSource({
    "System RA, true",
    "Persistent Memory (leg, true",
    "PCI Bus 0000:0, true",
    "0000:0a:00., true",
    "namespace0., true",
    "System RAM, false",
    "Persistent Memory, false",
    "e1000, false",
    "EPC, false",
    "nvme, false",
    "megasas: LSI, false",
  })
  @DisplayName("the beginning of a known name shows that a copy was cut")
  void beginnings(String name, boolean cut) {
    assertThat(ResourceKind.isBeginning(name)).isEqualTo(cut);
  }

  @Test
  @DisplayName("PRC-3 no name is of no kind that anybody knows")
  void noName() {
    assertThat(ResourceKind.of(null)).isEqualTo(ResourceKind.OTHER);
    assertThat(ResourceKind.of("")).isEqualTo(ResourceKind.OTHER);
    assertThat(ResourceKind.of("a\nb")).isEqualTo(ResourceKind.OTHER);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("every kind has a meaning for users")
  void meanings(ResourceKind kind) {
    assertThat(kind.meaning()).isNotBlank().doesNotEndWith(".");
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("RES-3 descriptors have the kernel's numbers")
  void descriptors(ResourceDesc desc) {
    assertThat(ResourceDesc.of(desc.number())).contains(desc);
    assertThat(ResourceDesc.of(-1)).isEmpty();
    assertThat(ResourceDesc.of(10)).isEmpty();
    assertThat(ResourceDesc.PERSISTENT_MEMORY.number()).isEqualTo(4);
    assertThat(ResourceDesc.CXL.number()).isEqualTo(9);
  }
}
