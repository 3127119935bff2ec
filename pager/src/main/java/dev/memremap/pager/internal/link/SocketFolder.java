// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager.internal.link;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * The folder of a memory's sockets, which this user alone can enter. What cleans {@code
 * java.io.tmpdir} may delete it while the memory lives.
 */
public final class SocketFolder {
  private static final Set<PosixFilePermission> OWN = PosixFilePermissions.fromString("rwx------");

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
}
