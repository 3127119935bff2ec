// SPDX-License-Identifier: Apache-2.0
package dev.memremap.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.Machine;
import dev.memremap.cache.CacheMode;
import dev.memremap.plan.MemremapFlag;
import dev.memremap.plan.RemapPlan;
import dev.memremap.resource.PhysRange;
import dev.memremap.rule.Fact;
import dev.memremap.rule.MemremapException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Machines after the shape of what people posted, and what is known of them: {@code
 * src/test/resources/field}. The first row of each test is the one that was posted, the others are
 * of its kind.
 */
class FieldFactsTest {
  private static final Path FIELD = Path.of("src/test/resources/field");
  private static final String NO_MTRRS = "assumed: no MTRRs are known; /proc/mtrr would tell";

  @TempDir private Path root;

  private static MachineDescription machine(String name) {
    return MachineDescription.read(FIELD.resolve(name + ".iomem"));
  }

  private static RemapPlan wb(MachineDescription description, String range) {
    try (Machine machine = Machine.simulated(description)) {
      return machine.explain(PhysRange.parse(range), MemremapFlag.WB);
    }
  }

  private static CacheMode mode(RemapPlan plan) {
    return Objects.requireNonNull(plan.grant(), plan::toString).mode();
  }

  private MachineDescription recorded(String name, String vendor) throws IOException {
    Files.createDirectories(root.resolve("proc"));
    Files.copy(FIELD.resolve(name + ".iomem"), root.resolve("proc/iomem"));
    Files.copy(FIELD.resolve(name + ".mtrr"), root.resolve("proc/mtrr"));
    Files.writeString(root.resolve("proc/cpuinfo"), "vendor_id\t: " + vendor + "\n");
    return new HostTables(root, "amd64").read();
  }

  @ParameterizedTest(name = "{0}: {2} is {3}")
  @CsvSource({
    "amd-tom2, AuthenticAMD, 0x400000000+1G, WB",
    "amd-tom2, AuthenticAMD, 0xbf800000+8M, UC-",
    "amd-tom2, AuthenticAMD, 0xc0000000+4K, UC-",
    "amd-tom2-desktop, AuthenticAMD, 0x440000000+4K, WB",
    "amd-tom2-desktop, AuthenticAMD, 0xcc000000+4K, UC-",
    "amd-tom2-desktop, AuthenticAMD, 0x10000000000+4K, UC-",
    "amd-tom2-hygon, HygonGenuine, 0x880000000+2M, WB",
    "amd-tom2-kilobytes, AuthenticAMD, 0x260000000+4K, WB",
    "amd-tom2-kilobytes, AuthenticAMD, 0x9ff80000+4K, UC-",
    "amd-tom2-kilobytes, AuthenticAMD, 0x9fe00000+4K, WB",
    "amd-tom2-pmem-last, AuthenticAMD, 0x704ff00000+1M, WB",
    "amd-tom2-pmem-last, AuthenticAMD, 0x7fc00000000+4K, UC-",
    "amd-tom2-window-between, AuthenticAMD, 0x240000000+4K, WB",
    "amd-tom2-window-between, AuthenticAMD, 0x200000000+4K, UC-",
    "amd-tom2-window-between, GenuineIntel, 0x240000000+4K, UC-",
  })
  @DisplayName("TOM2 on AMD makes memory above 4 GiB write-back where the MTRRs list nothing there")
  void tom2(String name, String vendor, String range, CacheModeWord expected) throws IOException {
    MachineDescription description = recorded(name, vendor);
    assertThat(mode(wb(description, range))).isEqualTo(expected.mode);
    assertThat(mode(wb(MachineDescription.parse(description.toText()), range)))
        .as("replayed from its file")
        .isEqualTo(expected.mode);
  }

  /** A cache mode as people write it; JUnit makes it of the word. */
  record CacheModeWord(CacheMode mode) {
    static CacheModeWord of(String word) {
      return new CacheModeWord(CacheMode.of(word).orElseThrow());
    }
  }

  @ParameterizedTest(name = "{0}: {1} is {2}")
  @CsvSource({
    "firmware-above-ram, 0xbffe0000+12K, WB",
    "firmware-laptop, 0x8b7ff000+4K, WB",
    "firmware-laptop, 0x8b5c7000+0x236000, WB",
    "firmware-laptop, 0x8a3c7000+1M, WB",
    "firmware-laptop, 0xe0000000+4K, UC-",
    "firmware-xen, 0xef000000+4K, WB",
    "firmware-xen, 0xfc000000+4K, WB",
    "firmware-xen, 0xf0000000+4K, UC-",
    "firmware-hyperv, 0xf7ff0000+64K, WB",
    "firmware-hyperv, 0x208000000+4K, WB",
    "firmware-chain, 0x5d200000+4K, WB",
    "firmware-chain, 0x60000000+4K, UC-",
    "firmware-soft-reserved, 0x2080000000+2M, WB",
    "firmware-soft-reserved, 0x4080000000+2M, WB",
    "firmware-soft-reserved, 0x7e000000+4K, WB",
  })
  @DisplayName("what firmware keeps in RAM is assumed to be write-back, and that is said")
  void firmwareInRam(String name, String range, CacheModeWord expected) {
    RemapPlan plan = wb(machine(name), range);
    assertThat(mode(plan)).isEqualTo(expected.mode);
    assertThat(plan.lines()).map(String::strip).contains(NO_MTRRS);
  }

  @ParameterizedTest(name = "{0}: {1} is {2}")
  @CsvSource({
    "memmap-parameter, 0x39fffe00000+64K, UC-",
    "memmap-parameter, 0x7b5ff000+64K, WB",
    "window-gpu, 0x4000000000+1M, UC-",
    "window-gpu, 0x7000000000+1M, UC-",
    "window-nvme, 0xc00000000+4K, UC-",
    "window-root-bus, 0x387fffe00000+256K, UC-",
    "window-root-bus, 0x380000000000+4K, UC-",
    "window-root-bus, 0x2080000000+4K, WB",
    "window-bare-bar, 0x2000000000+4K, UC-",
    "window-ht-hole, 0x3ffc00000000+4K, UC-",
    "window-ht-hole, 0xfd00000000+4K, UC-",
  })
  @DisplayName("windows of devices are assumed to be uncachable wherever they lie")
  void windows(String name, String range, CacheModeWord expected) {
    RemapPlan plan = wb(machine(name), range);
    assertThat(mode(plan)).isEqualTo(expected.mode);
    assertThat(plan.lines()).map(String::strip).contains(NO_MTRRS);
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "firmware-above-ram, 0xbffe0000+0x3000",
    "firmware-above-ram, 0xd0000000+0x3000",
    "firmware-laptop, 0xe0000000+0x1000",
    "firmware-xen, 0xf0000000+0x10000",
    "firmware-chain, 0x60000000+0x1000",
    "memmap-parameter, 0x39fffe00000+0x10000",
  })
  @DisplayName("MT-8 a stated memory type wins over assumed MTRRs")
  void statedWins(String name, String range) {
    MachineDescription stated = machine(name).with("memtype", range + ":WB");
    try (Machine machine = Machine.simulated(stated)) {
      assertThat(mode(machine.explain(PhysRange.parse(range), MemremapFlag.WB)))
          .isEqualTo(CacheMode.WB);
      assertThatThrownBy(() -> machine.memremap(PhysRange.parse(range), MemremapFlag.WC))
          .isInstanceOfSatisfying(
              MemremapException.class,
              e -> assertThat(e.rule() + " " + e.errno()).isEqualTo("MT_8 EBUSY"))
          .hasMessageContaining("is mapped WB already");
    }
  }

  @ParameterizedTest(name = "{0}: {2} bits")
  @CsvSource({
    "window-beyond-46-bits, 0x7effff000000+4K, 47",
    "beyond-47, 0x403ffffff000+4K, 47",
    "beyond-48, 0xfffffffff000+4K, 48",
    "beyond-52, 0xffffffffff000+4K, 52",
    "beyond-nested, 0x600000000000+4K, 47",
    "beyond-ram, 0x1000000000000+4K, 49",
  })
  @DisplayName("an address that the map lists proves how wide addresses are")
  void width(String name, String range, int bits) {
    MachineDescription description = machine(name);
    assertThat(description.physBits()).isEqualTo(bits);
    assertThat(wb(description, range).isGranted()).isTrue();
    assertThat(description.with("phys-bits", "40").physBits()).as("stated").isEqualTo(40);
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "arm32-exynos, arm",
    "arm32-imx, arm",
    "arm32-raspberry, arm",
    "arm32-omap, arm",
    "arm32-allwinner, arm",
    "arm32-vexpress, arm",
    "arm64-vm, arm64",
    "arm64-server, arm64",
    "arm64-qemu-dt, arm64",
    "arm64-raspberry, arm64",
    "arm64-hisilicon, arm64",
    "arm64-ampere, arm64",
    "riscv64-virt, riscv64",
    "riscv64-image, riscv64",
    "riscv64-visionfive, riscv64",
    "riscv64-unmatched, riscv64",
    "riscv64-qemu-acpi, riscv64",
    "riscv64-plic, riscv64",
    "amd-tom2, x86_64",
    "firmware-above-ram, x86_64",
    "memmap-parameter, x86_64",
  })
  @DisplayName("C-19 the architecture is recognised from the names")
  void architecture(String name, String expected) {
    assertThat(machine(name).architecture().id()).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "arm32-exynos, the processor's manual",
    "arm64-vm, the processor's manual",
    "riscv64-virt, the processor's manual",
    "firmware-above-ram, /proc/cpuinfo",
  })
  @DisplayName("what would tell the width of addresses is a file only where it has the width")
  void tellsWidth(String name, String tells) {
    assertThat(machine(name).facts())
        .filteredOn(known -> known.fact() == Fact.PHYS_BITS)
        .singleElement()
        .satisfies(known -> assertThat(known.tells()).isEqualTo(tells));
  }

  @ParameterizedTest
  @CsvSource({
    "x86_64, x86_64",
    "amd64, x86_64",
    "i686, i386",
    "aarch64, arm64",
    "armv7l, arm",
    "armv6l, arm",
    "ppc64le, ppc64",
    "s390x, s390x",
    "loongarch64, loongarch64",
    "riscv64, riscv64",
    "mips64, mips",
    "sparc64, sparc",
  })
  @DisplayName("an architecture is given by the name that uname -m prints")
  void uname(String name, String expected) {
    assertThat(machine("window-beyond-46-bits").with("arch", name).architecture().id())
        .isEqualTo(expected);
  }
}
