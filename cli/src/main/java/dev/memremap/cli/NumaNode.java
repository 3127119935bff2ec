// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli;

import dev.memremap.spi.HardwareDevice;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Which NUMA node of this computer an address belongs to, where {@code /sys} says it: of RAM the
 * node of its memory block, of a device the node of the device.
 *
 * @param root the folder that holds {@code sys}
 */
record NumaNode(Path root) {
  private static final String NODE = "node";
  private static final int HEX = 16;

  /**
   * The node.
   *
   * @param device the device whose memory lies there; null without a device
   * @return empty if nothing says it
   */
  OptionalInt of(long address, @Nullable HardwareDevice device) {
    if (device == null) {
      return ofBlock(address);
    }
    return switch (device.kind()) {
      case PCI -> number("sys/bus/pci/devices/" + device.name() + "/numa_node");
      case DAX -> number("sys/bus/dax/devices/" + device.name() + "/target_node");
      case PMEM -> number("sys/bus/nd/devices/" + device.name() + "/numa_node");
      case UIO -> OptionalInt.empty();
    };
  }

  /** A block of memory that can be switched on and off has a link to its node. */
  private OptionalInt ofBlock(long address) {
    long size;
    try {
      size = Long.parseUnsignedLong(text("sys/devices/system/memory/block_size_bytes"), HEX);
    } catch (IOException | NumberFormatException notSaid) {
      return OptionalInt.empty();
    }
    if (size == 0) {
      return OptionalInt.empty();
    }
    Path block =
        root.resolve(
            "sys/devices/system/memory/memory"
                + Long.toUnsignedString(Long.divideUnsigned(address, size)));
    try (DirectoryStream<Path> nodes = Files.newDirectoryStream(block, NODE + "[0-9]*")) {
      for (Path node : nodes) {
        return OptionalInt.of(
            Integer.parseInt(String.valueOf(node.getFileName()).substring(NODE.length())));
      }
    } catch (IOException | NumberFormatException notSaid) {
      return OptionalInt.empty();
    }
    return OptionalInt.empty();
  }

  /** The number in a file; empty for -1. */
  private OptionalInt number(String file) {
    try {
      int node = Integer.parseInt(text(file));
      return node < 0 ? OptionalInt.empty() : OptionalInt.of(node);
    } catch (IOException | NumberFormatException notSaid) {
      return OptionalInt.empty();
    }
  }

  private String text(String file) throws IOException {
    return Files.readString(root.resolve(file)).strip();
  }
}
