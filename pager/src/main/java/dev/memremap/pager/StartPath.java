// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Where this JVM has its classes from, as a class path for the processes of the pager, which know
 * no modules.
 */
final class StartPath {
  private StartPath() {}

  static String ofThisJvm() {
    return of(System.getProperty("java.class.path", ""), System.getProperty("jdk.module.path", ""));
  }

  static String of(String classPath, String modulePath) {
    return Stream.concat(entries(classPath), entries(modulePath).flatMap(StartPath::modules))
        .map(Path::toString)
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static Stream<Path> entries(String path) {
    return path.isEmpty()
        ? Stream.of()
        : Stream.of(path.split(File.pathSeparator, -1)).map(each -> Path.of(each).toAbsolutePath());
  }

  /** A folder on a module path is a module, or has modules. */
  private static Stream<Path> modules(Path entry) {
    if (!Files.isDirectory(entry) || isModule(entry)) {
      return Stream.of(entry);
    }
    try (Stream<Path> inside = Files.list(entry)) {
      return inside
          .filter(each -> isModule(each) || each.toString().endsWith(".jar"))
          .sorted()
          .toList()
          .stream();
    } catch (IOException e) {
      return Stream.of(entry); // a worker that lacks a class says which
    }
  }

  private static boolean isModule(Path folder) {
    return Files.exists(folder.resolve("module-info.class"));
  }
}
