// SPDX-License-Identifier: Apache-2.0
package dev.memremap.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ArchitectureNamesTest {
  private static final int MORE_THAN_ARE_REMEMBERED = 5_000;

  private static ArchitectureNames.Told told(String before, String last) {
    StringBuilder map = new StringBuilder();
    for (int i = 0; i < MORE_THAN_ARE_REMEMBERED; i++) {
      map.append("%08x-%08x : %s\n".formatted(i << 12, (i << 12) + 0xfff, before.formatted(i)));
    }
    map.append("%08x-%08x : %s\n".formatted(1 << 30, (1 << 30) + 0xfff, last));
    return Objects.requireNonNull(
        ArchitectureNames.in(MachineDescription.parse(map.toString()).root()));
  }

  @ParameterizedTest(name = "{0}, and at the end {1}")
  @CsvSource({
    "one name, Local APIC, X86_64",
    "name number %d, Local APIC, X86_64",
    "name number %d, riscv-plic, RISCV64",
    "name number %d, ARMH0011:00, ARM64",
    "fe%06d.serial, Local APIC, X86_64",
    "fe%06d.serial, one name, ARM64"
  })
  @DisplayName("a name tells the architecture, however many names come before it")
  void nameAtTheEnd(String before, String last, Architecture architecture) {
    assertThat(told(before, last).architecture()).isEqualTo(architecture);
  }
}
