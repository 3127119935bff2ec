// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.terminal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * A file that a command writes: it is there whole, or not at all. A full disk or Ctrl-C leaves no
 * part of it. What is no file, such as a device, or is reached by a link, is written and stays.
 */
public final class OutputFile {
  private static final Set<OpenOption> REPLACING =
      Set.of(
          StandardOpenOption.CREATE,
          StandardOpenOption.WRITE,
          StandardOpenOption.TRUNCATE_EXISTING);

  private static final Set<OpenOption> NEW =
      Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);

  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  private OutputFile() {}

  /**
   * Writes a file, which is replaced if it is there.
   *
   * @throws OutputException if it cannot be written
   */
  public static void write(Path file, byte[] bytes) {
    try {
      write(file, bytes, REPLACING);
    } catch (IOException e) {
      throw new OutputException(file.toString(), e);
    }
  }

  /**
   * Writes a file that only its owner may read, which is replaced if it is there: for what Linux
   * shows to root alone.
   *
   * @throws OutputException if it cannot be written
   */
  public static void writeForOwner(Path file, byte[] bytes) {
    try {
      writeForOwner(file, bytes, true);
    } catch (IOException e) {
      throw new OutputException(file.toString(), e);
    }
  }

  /**
   * Writes a file that only its owner may read.
   *
   * @param replacing whether a file that is there is replaced
   * @throws IOException if it cannot be written
   */
  public static void writeForOwner(Path file, byte[] bytes, boolean replacing) throws IOException {
    boolean isPosix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
    if (isPosix && replacing && Files.isRegularFile(file)) {
      Files.setPosixFilePermissions(file, OWNER_ONLY);
    }
    FileAttribute<?>[] attributes =
        isPosix
            ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_ONLY)}
            : new FileAttribute<?>[0];
    write(file, bytes, replacing ? REPLACING : NEW, attributes);
  }

  private static void write(
      Path file, byte[] bytes, Set<OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    WritableByteChannel channel = Files.newByteChannel(file, options, attributes);
    Thread undo = new Thread(() -> delete(file), "memremap-undo-output");
    Runtime.getRuntime().addShutdownHook(undo);
    boolean whole = false;
    try {
      // closing is part of it: some file systems find out there that they have no room
      try (channel) {
        ByteBuffer left = ByteBuffer.wrap(bytes);
        while (left.hasRemaining()) {
          channel.write(left);
        }
      }
      whole = true;
    } finally {
      forget(undo);
      if (!whole) {
        delete(file);
      }
    }
  }

  private static void forget(Thread undo) {
    try {
      Runtime.getRuntime().removeShutdownHook(undo);
    } catch (IllegalStateException exiting) {
      // the hook runs, or has run
    }
  }

  private static void delete(Path file) {
    try {
      if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        Files.delete(file);
      }
    } catch (IOException kept) {
      // what cannot be deleted stays; that it could not be written is said
    }
  }
}
