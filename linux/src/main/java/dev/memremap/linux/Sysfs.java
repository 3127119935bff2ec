// SPDX-License-Identifier: Apache-2.0
package dev.memremap.linux;

import dev.memremap.resource.Memparse;
import dev.memremap.resource.PhysRange;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Reads what the system shows about itself in files. A file that is missing or cannot be read is
 * empty, since a device can go at any time.
 *
 * <p>Thread safety: immutable.
 *
 * @param root the directory that holds {@code sys}, {@code proc} and {@code dev}
 */
record Sysfs(Path root) {

  Path path(String below) {
    return root.resolve(below);
  }

  /** The names in a directory, sorted. */
  List<String> names(String directory) {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(path(directory))) {
      for (Path entry : entries) {
        names.add(String.valueOf(entry.getFileName()));
      }
    } catch (IOException | DirectoryIteratorException notThere) {
      return List.of();
    }
    Collections.sort(names);
    return names;
  }

  /** A file's text without the white space around it. */
  Optional<String> text(String file) {
    try {
      return Optional.of(Files.readString(path(file)).strip());
    } catch (IOException notThere) {
      return Optional.empty();
    }
  }

  /** A file's number, decimal or after 0x. */
  OptionalLong number(String file) {
    return text(file).map(Sysfs::parse).orElseGet(OptionalLong::empty);
  }

  /** A range from the files of its start and its size; empty where they do not tell one. */
  Optional<PhysRange> range(String startFile, String sizeFile) {
    OptionalLong start = number(startFile);
    OptionalLong size = number(sizeFile);
    if (start.isEmpty() || size.isEmpty() || size.getAsLong() <= 0) {
      return Optional.empty();
    }
    boolean wraps = Long.compareUnsigned(start.getAsLong(), -size.getAsLong()) > 0;
    return wraps
        ? Optional.empty()
        : Optional.of(PhysRange.of(start.getAsLong(), size.getAsLong()));
  }

  private static OptionalLong parse(String text) {
    try {
      return OptionalLong.of(Memparse.parse(text));
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  /** The name of what a symbolic link leads to, such as the driver of a device. */
  Optional<String> linked(String link) {
    try {
      return Optional.of(String.valueOf(Files.readSymbolicLink(path(link)).getFileName()));
    } catch (IOException | UnsupportedOperationException notThere) {
      return Optional.empty();
    }
  }

  boolean exists(String file) {
    return Files.exists(path(file));
  }
}
