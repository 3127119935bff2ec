// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.terminal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A file that a command writes: the new one whole, or what was there before. The bytes go into a
 * file beside it, which takes its name at the end; a full disk or Ctrl-C leaves neither that file
 * nor a change. {@code kill -9} can leave that file; others may read it only if they may read the
 * finished one.
 *
 * <p>The kernel judges first: a file that is there is opened for writing by the name that was
 * given, and where that is refused, nothing is changed. A symbolic link stays, and the file that it
 * leads to is replaced; one that leads to none is refused. The new file has the owner and the group
 * of the old one.
 *
 * <p>A file that is there is written in place where none beside it can take its name: its folder
 * cannot be written, it is a mount point, or its owner cannot be given to another file. A full disk
 * leaves a part of it then.
 *
 * <p>A device, a pipe, and an open file that {@code /dev/fd} or {@code /proc} leads to are written
 * as they are; what an open file has already stays before it.
 */
public final class OutputFile {
  private static final int MOST_LINKS = 40;

  private static final Set<String> STANDARD_OUTPUT =
      Set.of("/proc/self/fd/1", "/proc/thread-self/fd/1", "/dev/fd/1");

  private OutputFile() {}

  /**
   * Writes a file; one that is there is replaced, and keeps its permissions.
   *
   * @throws OutputException if it cannot be written
   */
  public static void write(Path file, byte[] bytes) {
    try {
      write(file, bytes, true, false);
    } catch (IOException e) {
      throw new OutputException(file.toString(), e);
    }
  }

  /**
   * Writes a file that only its owner may read; one that is there is replaced. It is for what Linux
   * shows to root alone.
   *
   * @throws OutputException if it cannot be written
   */
  public static void writeForOwner(Path file, byte[] bytes) {
    try {
      write(file, bytes, true, true);
    } catch (IOException e) {
      throw new OutputException(file.toString(), e);
    }
  }

  /**
   * Writes a file that only its owner may read.
   *
   * @param replacing whether a file that is there is replaced
   * @throws FileAlreadyExistsException if it is there and stays
   * @throws IOException if it cannot be written
   */
  public static void writeForOwner(Path file, byte[] bytes, boolean replacing) throws IOException {
    write(file, bytes, replacing, true);
  }

  /** Whether a name leads to this process's standard output, as {@code /dev/stdout} does. */
  static boolean isStandardOutput(Path file) {
    try {
      return STANDARD_OUTPUT.contains(behindLinks(file).toAbsolutePath().normalize().toString());
    } catch (IOException unknown) {
      return false;
    }
  }

  private static void write(Path file, byte[] bytes, boolean replacing, boolean ownerOnly)
      throws IOException {
    if (!replacing) {
      if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        throw new FileAlreadyExistsException(file.toString());
      }
      new Draft(file, false, ownerOnly).write(bytes, false);
      return;
    }
    boolean isLink = Files.isSymbolicLink(file);
    if (isOpenFile(behindLinks(file))) {
      try (FileChannel end =
          FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
        put(bytes, end);
      }
      return;
    }
    try (FileChannel there = opened(file)) {
      if (there != null) {
        writeOver(isLink ? behindLinks(file) : file, there, bytes, ownerOnly);
        return;
      }
    }
    if (isLink) {
      throw new FileSystemException(
          file.toString(), null, "it is a link to a file that is not there");
    }
    new Draft(file, false, ownerOnly).write(bytes, true);
  }

  /** A file that is there, by the kernel's leave; null if it is not there. */
  private static @Nullable FileChannel opened(Path file) throws IOException {
    try {
      return FileChannel.open(file, StandardOpenOption.WRITE);
    } catch (NoSuchFileException none) {
      return null;
    }
  }

  private static void writeOver(Path target, FileChannel there, byte[] bytes, boolean ownerOnly)
      throws IOException {
    if (!Files.isRegularFile(target)) {
      put(bytes, there);
      return;
    }
    try {
      new Draft(target, true, ownerOnly).write(bytes, true);
    } catch (Draft.UnfitException inPlace) {
      if (ownerOnly) {
        Draft.narrow(target);
      }
      there.truncate(0);
      put(bytes, there);
      there.force(true);
    }
  }

  static void put(byte[] bytes, FileChannel channel) throws IOException {
    ByteBuffer left = ByteBuffer.wrap(bytes);
    while (left.hasRemaining()) {
      channel.write(left);
    }
  }

  /** The file that a chain of symbolic links leads to, which need not be there. */
  private static Path behindLinks(Path file) throws IOException {
    Path target = file;
    for (int links = 0; Files.isSymbolicLink(target) && !isOpenFile(target); links++) {
      if (links == MOST_LINKS) {
        throw new FileSystemLoopException(file.toString());
      }
      target = target.resolveSibling(Files.readSymbolicLink(target));
    }
    return target;
  }

  /**
   * Whether a name is of a file that a process has open: a process that has the file open would not
   * see one that replaces it.
   */
  private static boolean isOpenFile(Path file) {
    return file.toAbsolutePath().normalize().startsWith("/proc")
        || file.toAbsolutePath().normalize().startsWith("/dev/fd");
  }
}
