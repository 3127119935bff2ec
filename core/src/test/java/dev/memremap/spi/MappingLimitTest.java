// SPDX-License-Identifier: Apache-2.0
package dev.memremap.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MappingLimitTest {
  @TempDir Path directory;

  @Test
  @DisplayName("LIB-1 half of the system's mappings are a machine's")
  void half() throws IOException {
    Path sysctl = Files.writeString(directory.resolve("max_map_count"), "65530\n");
    MappingLimit limit = MappingLimit.readFrom(sysctl);
    assertThat(limit.mappings()).hasValue(32765);
    assertThat(limit.source()).isEqualTo("vm.max_map_count (65530)");
  }

  @Test
  @DisplayName("LIB-1 the running kernel's own sysctl is read whole")
  void ofThisKernel() throws IOException {
    Path sysctl = Path.of("/proc/sys/vm/max_map_count");
    assumeTrue(Files.isReadable(sysctl), "not on Linux");
    try (BufferedReader reader = Files.newBufferedReader(sysctl)) {
      long mapCount = Long.parseLong(reader.readLine());
      assertThat(MappingLimit.ofThisSystem().mappings()).hasValue(mapCount / 2);
    }
  }

  @Test
  @DisplayName("LIB-1 the limit is empty if the sysctl cannot be read")
  void unknown() throws IOException {
    assertThat(MappingLimit.readFrom(directory.resolve("none")).mappings()).isEmpty();
    Path odd = Files.writeString(directory.resolve("max_map_count"), "many\n");
    assertThat(MappingLimit.readFrom(odd).mappings()).isEmpty();
  }
}
