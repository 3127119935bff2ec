// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The host's programs that a guest needs.
 *
 * <p>Thread safety: immutable.
 */
record HostTools(Path qemu, Path busybox) {
  private static final int PT_INTERP = 3;

  /**
   * Those for an x86-64 guest, on the search path.
   *
   * @throws GuestUnavailableException if one is missing
   */
  static HostTools find() {
    return find(GuestArchitecture.X86_64);
  }

  /**
   * Those for a guest.
   *
   * @throws GuestUnavailableException if one is missing
   */
  static HostTools find(GuestArchitecture architecture) {
    return new HostTools(architecture.qemu(), architecture.busybox());
  }

  /**
   * The busybox on the search path.
   *
   * @throws GuestUnavailableException if it is missing
   */
  static Path findBusybox() {
    return staticOnly(find("busybox", "busybox-static", searchPath()));
  }

  /** Where programs are looked for. */
  static String searchPath() {
    return Objects.requireNonNullElse(System.getenv("PATH"), "") + ":/usr/bin:/bin";
  }

  static Path find(String program, String debianPackage, String searchPath) {
    return Stream.of(searchPath.split(File.pathSeparator))
        .filter(directory -> !directory.isEmpty())
        .map(directory -> Path.of(directory, program))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(
            () ->
                new GuestUnavailableException(
                    "no %s here".formatted(program), "apt-get install " + debianPackage));
  }

  /** A program that needs a loader would find none in the first root. */
  static Path staticOnly(Path program) {
    if (hasInterpreter(program)) {
      throw new GuestUnavailableException(
          program + " is not static", "apt-get install busybox-static");
    }
    return program;
  }

  private static boolean hasInterpreter(Path elf) {
    try (FileChannel channel = FileChannel.open(elf)) {
      ByteBuffer head = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
      channel.read(head);
      int first = (int) head.getLong(32);
      int size = head.getShort(54);
      int count = head.getShort(56);
      for (int i = 0; i < count && first + i * size + 4 <= head.position(); i++) {
        if (head.getInt(first + i * size) == PT_INTERP) {
          return true;
        }
      }
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
