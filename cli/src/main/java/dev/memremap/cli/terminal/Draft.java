// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.terminal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A file beside the one that is written, which takes its name at the end. Until then its owner
 * alone can read it, unless it becomes a new file that others may read.
 */
final class Draft {
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  private final Path target;
  private final boolean isThere;
  private final boolean ownerOnly;
  private final boolean isPosix;
  private final Path path;
  private boolean isDropped;

  /**
   * A draft whose file is not created yet.
   *
   * @param target the file that is written, not a link to it
   * @param isThere whether it is there
   * @param ownerOnly whether only its owner may read it
   */
  Draft(Path target, boolean isThere, boolean ownerOnly) {
    this.target = target;
    this.isThere = isThere;
    this.ownerOnly = ownerOnly;
    isPosix = target.getFileSystem().supportedFileAttributeViews().contains("posix");
    long random = ThreadLocalRandom.current().nextLong();
    path = target.resolveSibling(".memremap-" + HexFormat.of().toHexDigits(random));
  }

  /** A file that is there, whose name no other file can take. */
  static final class UnfitException extends IOException {
    private static final long serialVersionUID = 1L;

    UnfitException(IOException cause) {
      super(cause);
    }
  }

  /** Lets its owner alone read a file, where the file system knows owners. */
  static void narrow(Path file) throws IOException {
    if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.setPosixFilePermissions(file, OWNER_ONLY);
    }
  }

  /**
   * Writes the file. What fails leaves no draft and no change.
   *
   * @param replacing whether a file may lose its name to this one
   * @throws UnfitException if the file is there, and has to be written in place
   * @throws FileAlreadyExistsException if a file is there and may not lose its name
   * @throws IOException if it cannot be written
   */
  void write(byte[] bytes, boolean replacing) throws IOException {
    Thread hook = new Thread(this::drop, "memremap-undo-output");
    if (!isHooked(hook)) {
      throw new IOException("interrupted");
    }
    try {
      // closing is part of it: some file systems find out there that they have no room
      try (FileChannel channel = open()) {
        OutputFile.put(bytes, channel);
        channel.force(true);
      }
      take(replacing);
    } finally {
      drop();
      unhook(hook);
    }
  }

  /** Creates it, unless it was dropped already. */
  private synchronized FileChannel open() throws IOException {
    requireWanted();
    FileAttribute<?>[] attributes =
        isPosix && (ownerOnly || isThere)
            ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_ONLY)}
            : new FileAttribute<?>[0];
    FileChannel channel;
    try {
      channel =
          FileChannel.open(
              path, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), attributes);
    } catch (FileSystemException e) {
      throw isThere && !Files.isWritable(path.toAbsolutePath().getParent())
          ? new UnfitException(e)
          : e;
    }
    if (isPosix && isThere) {
      try {
        giveAway();
      } catch (IOException e) {
        channel.close();
        throw e;
      }
    }
    return channel;
  }

  /** Gives it the owner and the group of the file that is there. */
  private void giveAway() throws IOException {
    PosixFileAttributes wanted = attributes(target).readAttributes();
    PosixFileAttributeView draft = attributes(path);
    PosixFileAttributes own = draft.readAttributes();
    try {
      if (!own.group().equals(wanted.group())) {
        draft.setGroup(wanted.group());
      }
      if (!own.owner().equals(wanted.owner())) {
        draft.setOwner(wanted.owner());
      }
    } catch (FileSystemException e) {
      throw new UnfitException(e);
    }
  }

  private static PosixFileAttributeView attributes(Path file) {
    return Files.getFileAttributeView(
        file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
  }

  /** Gives it the permissions and the name of the file that is written. */
  private synchronized void take(boolean replacing) throws IOException {
    requireWanted();
    if (isPosix && isThere && !ownerOnly) {
      Files.setPosixFilePermissions(path, Files.getPosixFilePermissions(target));
    }
    if (!replacing) {
      name();
      return;
    }
    try {
      Files.move(path, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileSystemException e) {
      // a mount point, or another user's file in a folder where users rename their own alone
      throw isThere ? new UnfitException(e) : e;
    }
  }

  /** Gives it a name that no file has. */
  private void name() throws IOException {
    try {
      Files.createLink(target, path);
    } catch (FileAlreadyExistsException e) {
      throw e;
    } catch (FileSystemException | UnsupportedOperationException noHardLinks) {
      Files.move(path, target);
    }
  }

  private void requireWanted() throws IOException {
    if (isDropped) {
      throw new IOException("interrupted");
    }
  }

  /** Deletes it if it is there, and lets none be made. */
  private synchronized void drop() {
    isDropped = true;
    try {
      Files.deleteIfExists(path);
    } catch (IOException kept) {
      // what cannot be deleted stays; that the file could not be written is said
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
