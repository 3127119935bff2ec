// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The files of one guest in a temporary directory: its first root, and what comes out of its three
 * serial ports and of QEMU.
 *
 * <p>Thread safety: immutable; the files are written by QEMU.
 */
record GuestFiles(Path directory) {

  static GuestFiles create() throws IOException {
    return new GuestFiles(Files.createTempDirectory("memremap-guest"));
  }

  Path initramfs() {
    return directory.resolve("initramfs");
  }

  Path kernelLog() {
    return directory.resolve("kernel");
  }

  Path output() {
    return directory.resolve("output");
  }

  Path status() {
    return directory.resolve("status");
  }

  /** A socket, where a guest has a channel. */
  Path channel() {
    return directory.resolve("channel");
  }

  Path qemuLog() {
    return directory.resolve("qemu");
  }

  /** What is in a file so far; nothing if QEMU did not open it yet. */
  static String text(Path file) {
    try {
      return Files.exists(file) ? new String(Files.readAllBytes(file), StandardCharsets.UTF_8) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void delete() {
    for (Path file :
        List.of(initramfs(), kernelLog(), output(), status(), channel(), qemuLog(), directory)) {
      File doomed = file.toFile();
      if (!doomed.delete() && doomed.exists()) {
        // as the last resort; it is in the system's directory for what may go
        doomed.deleteOnExit();
      }
    }
  }
}
