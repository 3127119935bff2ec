// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Jazzer's target for what sysfs says of devices: the bytes, cut at each NUL, are the contents of
 * the files that are read.
 */
public final class SysfsFuzz {
  private static final List<String> FILES =
      List.of(
          "sys/bus/pci/devices/0000:00:02.0/resource",
          "sys/bus/pci/devices/0000:00:02.0/config",
          "sys/bus/dax/devices/dax0.0/resource",
          "sys/bus/dax/devices/dax0.0/size",
          "sys/bus/dax/devices/dax0.0/align",
          "sys/bus/nd/devices/namespace0.0/resource",
          "sys/bus/nd/devices/namespace0.0/size",
          "sys/class/uio/uio0/maps/map0/addr",
          "sys/class/uio/uio0/maps/map0/size",
          "sys/class/uio/uio0/maps/map0/offset");

  private SysfsFuzz() {}

  /** Lists all devices of such a tree; what is not understood is not listed. */
  public static void fuzzerTestOneInput(byte[] input) throws IOException {
    Path root = Files.createTempDirectory("memremap-fuzz");
    try {
      String[] contents = new String(input, StandardCharsets.ISO_8859_1).split("\0", -1);
      for (int i = 0; i < FILES.size(); i++) {
        Path file = root.resolve(FILES.get(i));
        Files.createDirectories(file.getParent());
        Files.writeString(file, contents[i % contents.length], StandardCharsets.ISO_8859_1);
      }
      Sysfs sysfs = new Sysfs(root);
      new PciDevices(sysfs).bars("0000:00:02.0");
      new DaxDevices(sysfs).devices();
      new PmemNamespaces(sysfs).devices();
      new UioDevices(sysfs).devices();
    } finally {
      try (Stream<Path> all = Files.walk(root)) {
        for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }
}
