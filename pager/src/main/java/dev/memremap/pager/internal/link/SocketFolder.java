// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.link;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The folder of a memory's sockets, which this user alone can enter. What cleans {@code
 * java.io.tmpdir} may delete it while the memory lives.
 */
public final class SocketFolder {
  private static final Set<PosixFilePermission> OWN = PosixFilePermissions.fromString("rwx------");

  /** One attempt for each process of a memory that may make something in it, and one more. */
  private static final int ATTEMPTS = 5;

  private SocketFolder() {}

  /**
   * Makes it where it is gone.
   *
   * @throws IOException if it cannot be made, or something else has its name: a folder that another
   *     user can enter cannot keep a socket
   */
  public static void keep(Path folder) throws IOException {
    try {
      Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(OWN));
    } catch (FileAlreadyExistsException e) {
      PosixFileAttributes found =
          Files.readAttributes(folder, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (!found.isDirectory()
          || !found.permissions().equals(OWN)
          || !found.owner().equals(Files.getOwner(Path.of("/proc/self")))) {
        throw new IOException(
            "%s is not a folder that this user alone can enter, so no socket is made there"
                .formatted(folder),
            e);
      }
    }
  }

  /**
   * Deletes it and what is in it, once the memory is closed. A process that was being started, or a
   * standby that practises, may have made it or a file in it anew meanwhile, so each process that
   * finds the memory closed does this before it ends.
   */
  public static void delete(Path folder) {
    for (int i = 0; i < ATTEMPTS; i++) {
      try (Stream<Path> all = Files.list(folder)) {
        for (Path each : all.toList()) {
          Files.deleteIfExists(each);
        }
        Files.deleteIfExists(folder);
        return;
      } catch (NoSuchFileException e) {
        return;
      } catch (IOException | UncheckedIOException e) {
        // something was made in there just now, or is not ours to delete
      }
    }
  }
}
