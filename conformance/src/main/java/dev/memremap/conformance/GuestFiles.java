// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The files of one guest in its {@link ScratchDirectory}: its first root, and what comes out of its
 * three serial ports and of QEMU.
 *
 * <p>Thread safety: immutable; the files are written by QEMU.
 */
record GuestFiles(Path directory) {

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

  /** What is in a file so far; nothing if QEMU did not open it yet, or if it is removed already. */
  static String text(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      return "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
