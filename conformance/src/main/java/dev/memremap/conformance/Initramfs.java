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
import org.apache.commons.compress.archivers.cpio.CpioArchiveEntry;
import org.apache.commons.compress.archivers.cpio.CpioArchiveOutputStream;
import org.apache.commons.compress.archivers.cpio.CpioConstants;

/**
 * The guest's first root: busybox, our {@code init}, modules in the order to load them, the
 * command, as the cpio archive in the format "newc" that a kernel unpacks.
 *
 * <p>Thread safety: immutable.
 */
record Initramfs(Path busybox, List<Path> modules, GuestCommand command) {

  void write(Path file) throws IOException {
    try (CpioArchiveOutputStream archive =
        new CpioArchiveOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
      // a directory comes before what is in it
      for (String name :
          List.of("bin", "dev", "etc", "host", "modules", "over", "proc", "root", "sys")) {
        add(archive, name, CpioConstants.C_ISDIR | 0755, new byte[0]);
      }
      add(archive, "init", CpioConstants.C_ISREG | 0755, init());
      add(archive, "bin/busybox", CpioConstants.C_ISREG | 0755, Files.readAllBytes(busybox));
      add(archive, "etc/command", CpioConstants.C_ISREG | 0644, text(command.script()));
      add(
          archive,
          "etc/modules",
          CpioConstants.C_ISREG | 0644,
          text(modules.stream().map(m -> m.getFileName() + "\n").collect(Collectors.joining())));
      for (Path module : modules) {
        String name = "modules/" + module.getFileName();
        add(archive, name, CpioConstants.C_ISREG | 0644, Files.readAllBytes(module));
      }
    }
  }

  private static void add(CpioArchiveOutputStream archive, String name, long mode, byte[] bytes)
      throws IOException {
    CpioArchiveEntry entry = new CpioArchiveEntry(name, bytes.length);
    entry.setMode(mode);
    archive.putArchiveEntry(entry);
    archive.write(bytes);
    archive.closeArchiveEntry();
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
