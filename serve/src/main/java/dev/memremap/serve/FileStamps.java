// SPDX-License-Identifier: Apache-2.0
package dev.memremap.serve;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What tells that a file changed, without reading it: its time stamp, its size, and which file has
 * its name. It is asked for again and again, since the events of Linux do not tell of changes on
 * other computers' disks, nor of a link that leads elsewhere.
 *
 * @param stamps one for each file, and for each file of a folder
 */
record FileStamps(List<Stamp> stamps) {
  private static final int DEPTH = 8;
  private static final int MOST = 1_000;

  /**
   * A file at one moment.
   *
   * @param changed null if the file is missing
   * @param key which file has the name; null if it is missing or has no number
   */
  record Stamp(Path file, @Nullable FileTime changed, long size, @Nullable Object key) {}

  FileStamps {
    stamps = List.copyOf(stamps);
  }

  static FileStamps of(List<Path> files) {
    List<Stamp> stamps = new ArrayList<>();
    for (Path file : files) {
      if (Files.isDirectory(file)) {
        try (Stream<Path> inside = Files.walk(file, DEPTH)) {
          inside.limit(MOST).forEach(each -> stamps.add(stamp(each)));
        } catch (IOException | UncheckedIOException changing) {
          stamps.add(stamp(file));
        }
      } else {
        stamps.add(stamp(file));
      }
    }
    return new FileStamps(stamps);
  }

  private static Stamp stamp(Path file) {
    try {
      BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
      return new Stamp(file, now.lastModifiedTime(), now.size(), now.fileKey());
    } catch (IOException missing) {
      return new Stamp(file, null, 0, null);
    }
  }

  /** Whether a file can be read more than once, and has a time stamp: a pipe has neither. */
  static boolean isLasting(Path file) {
    return Objects.requireNonNull(file, "file").toFile().isFile() || Files.isDirectory(file);
  }
}
