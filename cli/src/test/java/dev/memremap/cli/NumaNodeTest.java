// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.spi.HardwareDevice;
import dev.memremap.spi.HardwareDevice.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where a system says to which NUMA node an address belongs. */
class NumaNodeTest {
  @TempDir private Path root;

  private void file(String name, String text) throws IOException {
    Path file = root.resolve("sys").resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  @Test
  @DisplayName("RAM belongs to the node that its memory block links to")
  void ofRam() throws IOException {
    NumaNode nodes = new NumaNode(root);
    assertThat(nodes.of(0x18000000, null)).as("nothing is said").isEmpty();
    file("devices/system/memory/block_size_bytes", "8000000\n");
    file("devices/system/memory/memory3/node1/x", "");
    file("devices/system/memory/memory4/state", "offline");
    assertThat(nodes.of(0x18000000, null)).hasValue(1);
    assertThat(nodes.of(0x1fffffff, null)).hasValue(1);
    assertThat(nodes.of(0x20000000, null)).as("a block without a node").isEmpty();
    assertThat(nodes.of(0x17ffffff, null)).as("no block").isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "PCI, bus/pci/devices/d/numa_node, 2, 2",
    "PCI, bus/pci/devices/d/numa_node, -1, ",
    "DAX, bus/dax/devices/d/target_node, 3, 3",
    "PMEM, bus/nd/devices/d/numa_node, 0, 0",
    "PMEM, bus/nd/devices/d/numa_node, odd, ",
    "UIO, bus/pci/devices/d/numa_node, 2, "
  })
  @DisplayName("a device says its node, and -1 means no node")
  void ofDevice(Kind kind, String name, String text, Integer node) throws IOException {
    file(name, text + "\n");
    HardwareDevice device = new HardwareDevice("d", kind, "a device", List.of());
    assertThat(new NumaNode(root).of(0x1000, device).stream().boxed().findFirst().orElse(null))
        .isEqualTo(node);
  }
}
