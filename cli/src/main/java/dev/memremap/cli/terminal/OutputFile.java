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
   * Writes a file.
   *
   * @param options how it is opened, for writing
   * @param attributes what it has if it is made
   * @throws IOException if it cannot be written
   */
  public static void write(
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
