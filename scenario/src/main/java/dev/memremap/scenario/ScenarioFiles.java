// SPDX-License-Identifier: Apache-2.0
package dev.memremap.scenario;

import dev.memremap.spi.IoReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The scenarios that a command line means: files as they are named, folders with every {@code
 * *.scenario} below them, sorted.
 *
 * @param files what to run, in order
 * @param unanswered what a check leaves out: files found in folders whose answers were never
 *     recorded
 */
public record ScenarioFiles(List<Path> files, List<Path> unanswered) {
  /** Keeps copies. */
  public ScenarioFiles {
    files = List.copyOf(files);
    unanswered = List.copyOf(unanswered);
  }

  /**
   * All scenarios.
   *
   * @throws UncheckedIOException if a folder cannot be read
   */
  public static ScenarioFiles toRun(List<Path> named) {
    List<Path> files = new ArrayList<>();
    for (Path path : named) {
      if (Files.isDirectory(path)) {
        files.addAll(below(path));
      } else {
        files.add(path);
      }
    }
    return new ScenarioFiles(files, List.of());
  }

  /**
   * The scenarios to compare with a kernel. A file named by itself is one of them whether it has
   * answers or not; a file in a folder only if it has: others were recorded from another kernel, or
   * are examples.
   *
   * @throws UncheckedIOException if a folder cannot be read
   */
  public static ScenarioFiles toCheck(List<Path> named, Kernel kernel) {
    List<Path> files = new ArrayList<>();
    List<Path> unanswered = new ArrayList<>();
    for (Path path : named) {
      if (!Files.isDirectory(path)) {
        files.add(path);
        continue;
      }
      for (Path file : below(path)) {
        (Files.exists(kernel.answersOf(file)) ? files : unanswered).add(file);
      }
    }
    return new ScenarioFiles(files, unanswered);
  }

  private static List<Path> below(Path folder) {
    try {
      // a walk does not follow a link, not even the first
      Path real = folder.toRealPath();
      try (Stream<Path> walk = Files.walk(real)) {
        return walk.filter(path -> path.toString().endsWith(".scenario"))
            .filter(path -> !Files.isDirectory(path))
            .map(path -> folder.resolve(real.relativize(path)))
            .sorted()
            .toList();
      }
    } catch (IOException e) {
      throw unread(folder, e);
    } catch (UncheckedIOException e) {
      throw unread(folder, Objects.requireNonNull(e.getCause()));
    }
  }

  private static UncheckedIOException unread(Path folder, IOException cause) {
    return new UncheckedIOException(
        "%s: the folder cannot be read (%s)".formatted(folder, IoReason.of(cause)), cause);
  }
}
