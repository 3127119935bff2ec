// SPDX-License-Identifier: Apache-2.0
package dev.memremap.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Takes the memory behind a mapping away, by cutting its file short. */
public final class CutShort {
  private CutShort() {}

  /** Cuts a file short. */
  public static void file(Path file) {
    file(file, 0);
  }

  private static void file(Path file, long left) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(left);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Cuts the files of all simulated memory of this process short. They have no name any more, so
   * they are found among the open files, which takes Linux.
   *
   * @param left how many bytes stay of each
   */
  public static void simulatedMemory(long left) {
    int found = 0;
    try (DirectoryStream<Path> open = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path link : open) {
        if (Files.isSymbolicLink(link) && target(link).contains("/memremap-")) {
          file(link, left);
          found++;
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (found == 0) {
      throw new IllegalStateException("no simulated memory is open");
    }
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException closedSince) {
      return "";
    }
  }
}
