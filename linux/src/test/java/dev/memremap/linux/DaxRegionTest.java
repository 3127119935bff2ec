// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.resource.PhysRange;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What lies behind a DAX device, as the region says that it lies in. */
class DaxRegionTest {
  private static final PhysRange RANGE = PhysRange.of(0x850000000L, 4L << 20);

  @TempDir private Path root;

  @ParameterizedTest(name = "{0}, {1} is {2}: {3}")
  @CsvSource({
    "platform/ACPI0017:00/root0/decoder0.0/region0/dax_region0, mode, ram, false",
    "platform/ACPI0017:00/root0/decoder0.0/region0/dax_region0, mode, pmem, true",
    // an older kernel has CXL regions without a mode, and no DAX devices in them
    "platform/ACPI0017:00/root0/decoder0.0/region3/dax_region3, size, 0x400000, false",
    "LNXSYSTM:00/ACPI0012:00/ndbus0/region1/dax1.0, devtype, nd_pmem, true",
    "LNXSYSTM:00/ACPI0012:00/ndbus0/region2/dax2.0, devtype, nd_volatile, false",
    "platform/ACPI0017:00/root0/nvdimm-bridge0/ndbus1/region9/dax9.0, devtype, nd_pmem, true",
    "platform/hmem.0, target_node, 2, false",
  })
  @DisplayName("a DAX device is persistent if its region is, and not by its place")
  void persistent(String place, String file, String word, boolean persistent) {
    Computer computer = new Computer(root);
    String directory = "sys/devices/" + place;
    String region = directory.replaceFirst("(region[0-9]+).*", "$1");
    computer.write(region + "/" + file, word + "\n");
    computer.write(directory + "/dax7.0/resource", "0x%x\n".formatted(RANGE.start()));
    computer.write(directory + "/dax7.0/size", RANGE.sizeBytes() + "\n");
    computer.link(DaxDevices.DIRECTORY + "dax7.0", computer.path(directory + "/dax7.0").toString());
    assertThat(new DaxDevices(new Sysfs(root)).all())
        .singleElement()
        .satisfies(dax -> assertThat(dax.persistent()).isEqualTo(persistent))
        .satisfies(dax -> assertThat(dax.range()).isEqualTo(RANGE));
  }
}
