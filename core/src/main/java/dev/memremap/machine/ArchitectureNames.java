// SPDX-License-Identifier: Apache-2.0
package dev.memremap.machine;

import dev.memremap.resource.Resource;
import dev.memremap.resource.ResourceSnapshot;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Recognises the architecture of a map by its names: each architecture's kernel has some of its
 * own. A map with none of them tells nothing.
 *
 * <p>A name that one kernel alone prints counts first. Then how the kernel's image lies: RISC-V
 * lists it as a whole, 32-bit Arm begins its code 32 KiB into a bank of RAM, 64-bit Arm lists
 * neither constants nor zeroed variables. Names of the device tree are last, since several kernels
 * print them.
 *
 * <p>Thread safety: for one thread, which walks one map.
 */
final class ArchitectureNames {
  /** What an x86 kernel makes of the BIOS's map, of ROMs, of the APIC and of plug and play. */
  private static final Pattern X86_64 =
      Pattern.compile(
          "IOAPIC [0-9]+|Local APIC|HPET [0-9]+|(Video|System|Adapter|Extension) ROM"
              + "|Video RAM area|RAM buffer|ACPI Tables|ACPI Non-volatile Storage|Unusable memory"
              + "|Unknown E820 type|Persistent Memory \\(legacy\\)|PCI MMCONFIG .*|dmar[0-9]+"
              + "|pnp [0-9a-f]{2}:[0-9a-f]{2}|PNP0103:[0-9a-f]+|INT[0-9A-F]{4}:[0-9a-f]+"
              + "|Graphics Stolen Memory");

  /** The interrupt controllers of RISC-V, and ACPI's identifiers of its devices. */
  private static final Pattern RISCV64 =
      Pattern.compile(
          "Kernel image|(riscv-)?(PLIC|plic|CLINT|clint)|[0-9a-f]+\\.(plic|clint)\\b.*|RSCV[0-9A-F]{4}:.*");

  /** ACPI's identifiers of devices that only 64-bit Arm machines have. */
  private static final Pattern ARM64 =
      Pattern.compile("(ARMH|LNRO|HISI|QCOM|APMC|CAV|PHYT|NXP|BRCM)[0-9A-Z]{4,5}:.*");

  /** {@code fe201000.serial serial@7e201000}. */
  private static final Pattern DEVICE_TREE =
      Pattern.compile("[0-9a-f]{4,}\\.[a-z][-a-z0-9_]*( .*)?|[a-z][-a-z0-9,_]*@[0-9a-f]+");

  private static final long LOW_MEMORY = 0xa0000;
  private static final long ONE_MIB = 0x100000;

  /** Where 32-bit Arm begins its code in a piece of 64 KiB. */
  private static final long ARM_TEXT = 0x8000;

  private static final long TEXT_UNIT = 0x10000;
  private static final long LEAST_UNIT = 0x1000;

  /**
   * What a map tells.
   *
   * @param architecture the one whose kernel prints such a map
   * @param because what shows that, in a phrase
   */
  record Told(Architecture architecture, String because) {}

  /** How many distinct names are remembered; further ones are looked at each time. */
  private static final int REMEMBERED_NAMES = 4096;

  private final Set<String> seen = new HashSet<>();
  private @Nullable Told byName;
  private @Nullable Resource kernelCode;
  private @Nullable String deviceTree;
  private @Nullable String lowerCase;
  private boolean otherKernelParts;
  private boolean ramBelow640K;
  private boolean ramAt1M;

  private ArchitectureNames() {}

  /** What the names in a tree tell; null if they tell nothing. */
  static @Nullable Told in(Resource root) {
    ArchitectureNames names = new ArchitectureNames();
    new ResourceSnapshot(root).walk((resource, depth) -> names.look(resource));
    return names.told();
  }

  private void look(Resource resource) {
    String name = resource.name();
    if (name == null) {
      return;
    }
    switch (name) {
      case "System RAM" -> lookAtRam(resource);
      case "Kernel code" -> kernelCode = kernelCode == null ? resource : kernelCode;
      case "Kernel rodata", "Kernel bss" -> otherKernelParts = true;
      case "reserved" -> lowerCase = name;
      default -> lookAtOther(name);
    }
  }

  private void lookAtRam(Resource ram) {
    ramBelow640K |= Long.compareUnsigned(ram.range().endInclusive(), LOW_MEMORY) < 0;
    ramAt1M |= ram.range().start() == ONE_MIB;
  }

  private void lookAtOther(String name) {
    // the first one decides: no kernel prints names of two architectures
    if (byName != null || !isNew(name)) {
      return;
    }
    if (X86_64.matcher(name).matches()) {
      byName = new Told(Architecture.X86_64, quoted(name));
    } else if (RISCV64.matcher(name).matches()) {
      byName = new Told(Architecture.RISCV64, quoted(name));
    } else if (ARM64.matcher(name).matches()) {
      byName = new Told(Architecture.ARM64, quoted(name));
    } else if (deviceTree == null && DEVICE_TREE.matcher(name).matches()) {
      deviceTree = name;
    }
  }

  /** Large maps repeat a few names on most of their lines; patterns are tried once for each. */
  private boolean isNew(String name) {
    return seen.size() < REMEMBERED_NAMES ? seen.add(name) : !seen.contains(name);
  }

  private static String quoted(String name) {
    return "the map has '" + name + "'";
  }

  /** x86 ends its code at its last byte, Arm at the end of a page. */
  private static boolean endsWithPage(Resource code) {
    return (code.range().endInclusive() + 1) % LEAST_UNIT == 0;
  }

  private @Nullable Told told() {
    if (byName != null) {
      return byName;
    }
    if (ramBelow640K && ramAt1M) {
      return new Told(Architecture.X86_64, "RAM leaves out the range from 640 KiB to 1 MiB");
    }
    Resource code = kernelCode;
    if (code != null && code.range().start() % TEXT_UNIT == ARM_TEXT) {
      return new Told(
          Architecture.ARM, "the kernel's code begins 32 KiB into RAM, as 32-bit Arm places it");
    }
    if (lowerCase != null && !otherKernelParts) {
      return new Told(Architecture.ARM64, "'reserved' is in lower case");
    }
    if (code != null && !otherKernelParts && endsWithPage(code)) {
      return new Told(
          Architecture.ARM64, "of the kernel neither constants nor zeroed variables are listed");
    }
    return deviceTree == null ? null : new Told(Architecture.ARM64, quoted(deviceTree));
  }
}
