// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.terminal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A file that a command writes: the new one whole, or what was there before. The bytes go into a
 * file beside it, which takes its name at the end; a full disk or Ctrl-C leaves neither that file
 * nor a change. A symbolic link stays, and the file that it leads to is replaced. A device, a pipe,
 * and an open file that {@code /dev/stdout} or {@code /proc} leads to are written as they are.
 */
public final class OutputFile {
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  private static final int MOST_LINKS = 40;

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

  private static void write(Path file, byte[] bytes, boolean replacing, boolean ownerOnly)
      throws IOException {
    if (!replacing && Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new FileAlreadyExistsException(file.toString());
    }
    Path target = behindLinks(file);
    if (isOpenFile(target) || (Files.exists(target) && !Files.isRegularFile(target))) {
      try (FileChannel channel =
          FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
        put(bytes, channel);
      }
      return;
    }
    Draft draft = new Draft(target);
    Thread hook = new Thread(draft::drop, "memremap-undo-output");
    if (!isHooked(hook)) {
      throw new IOException("interrupted");
    }
    try {
      // closing is part of it: some file systems find out there that they have no room
      try (FileChannel channel = draft.open(ownerOnly)) {
        put(bytes, channel);
        channel.force(true);
      }
      draft.replace(replacing);
    } finally {
      draft.drop();
      unhook(hook);
    }
  }

  private static void put(byte[] bytes, WritableByteChannel channel) throws IOException {
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
        throw new FileSystemException(file.toString(), null, "its links lead back to themselves");
      }
      target = target.resolveSibling(Files.readSymbolicLink(target));
    }
    return target;
  }

  /** Whether a name is of a process's open file: what has it open would not see another one. */
  private static boolean isOpenFile(Path file) {
    return file.toAbsolutePath().normalize().startsWith("/proc")
        || file.toAbsolutePath().normalize().startsWith("/dev/fd");
  }

  /** A file beside the one that is written. */
  private static final class Draft {
    private final Path target;
    private final Path path;
    private boolean isDropped;

    Draft(Path target) {
      this.target = target;
      long random = ThreadLocalRandom.current().nextLong();
      path = target.resolveSibling(".memremap-" + HexFormat.of().toHexDigits(random));
    }

    /** Creates it, unless it was dropped already. */
    synchronized FileChannel open(boolean ownerOnly) throws IOException {
      requireWanted();
      boolean isPosix = path.getFileSystem().supportedFileAttributeViews().contains("posix");
      FileAttribute<?>[] attributes =
          isPosix && ownerOnly
              ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_ONLY)}
              : new FileAttribute<?>[0];
      FileChannel channel =
          FileChannel.open(
              path, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), attributes);
      if (isPosix && !ownerOnly && Files.exists(target)) {
        Files.setPosixFilePermissions(path, Files.getPosixFilePermissions(target));
      }
      return channel;
    }

    /** Gives it the name of the file that is written. */
    synchronized void replace(boolean replacing) throws IOException {
      requireWanted();
      if (replacing) {
        Files.move(path, target, StandardCopyOption.ATOMIC_MOVE);
      } else {
        Files.move(path, target);
      }
    }

    private void requireWanted() throws IOException {
      if (isDropped) {
        throw new IOException("interrupted");
      }
    }

    /** Deletes it if it is there, and lets none be made. */
    synchronized void drop() {
      isDropped = true;
      try {
        Files.deleteIfExists(path);
      } catch (IOException kept) {
        // what cannot be deleted stays; that the file could not be written is said
      }
    }
  }

  private static boolean isHooked(Thread hook) {
    try {
      Runtime.getRuntime().addShutdownHook(hook);
      return true;
    } catch (IllegalStateException exiting) {
      return false;
    }
  }

  private static void unhook(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException exiting) {
      // the hook runs, or has run
    }
  }
}
