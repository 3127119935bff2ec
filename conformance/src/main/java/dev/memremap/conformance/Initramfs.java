// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import java.io.BufferedOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The guest's first root: busybox, our {@code init}, modules in the order to load them, the
 * command.
 *
 * <p>Thread safety: immutable.
 */
record Initramfs(Path busybox, List<Path> modules, GuestCommand command) {

  void write(Path file) throws IOException {
    try (CpioArchive archive =
        new CpioArchive(new BufferedOutputStream(Files.newOutputStream(file)))) {
      for (String name :
          List.of("bin", "dev", "etc", "host", "modules", "over", "proc", "root", "sys")) {
        archive.directory(name);
      }
      archive.file("init", 0755, init());
      archive.file("bin/busybox", 0755, Files.readAllBytes(busybox));
      archive.file("etc/command", 0644, text(command.script()));
      archive.file(
          "etc/modules",
          0644,
          text(modules.stream().map(m -> m.getFileName() + "\n").collect(Collectors.joining())));
      for (Path module : modules) {
        archive.file("modules/" + module.getFileName(), 0644, Files.readAllBytes(module));
      }
    }
  }

  private static byte[] init() throws IOException {
    try (InputStream init = Initramfs.class.getResourceAsStream("init")) {
      if (init == null) {
        throw new FileNotFoundException("The resource init is missing in this build");
      }
      return init.readAllBytes();
    }
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
