// SPDX-License-Identifier: Apache-2.0
package dev.memremap.pager;

import dev.memremap.Machine;
import dev.memremap.pager.store.StoreLocation;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Where this JVM has its classes from, as a class path for the processes of the pager, which know
 * no modules and no class loaders of an application.
 */
final class StartPath {
  /** A class path that takes the place of what is found. */
  private static final String PROPERTY = "dev.memremap.pager.path";

  private StartPath() {}

  /**
   * The class path of this JVM, and the jars of what the processes need where a class loader of the
   * application has them, such as that of a web application.
   *
   * @throws UnsupportedOperationException if one of these jars is inside another jar. Also in an
   *     image that jlink has made, unless a class path names the jar of HdrHistogram
   */
  static String ofThisJvm(StoreLocation store) {
    String given = System.getProperty(PROPERTY);
    if (given != null) {
      return of(given, "");
    }
    String path =
        of(System.getProperty("java.class.path", ""), System.getProperty("jdk.module.path", ""));
    return with(
        path,
        Stream.of(
                Optional.of(StartPath.class),
                Optional.of(Machine.class),
                histogram(),
                Optional.of(store.getClass()))
            .flatMap(Optional::stream)
            .flatMap(each -> source(each).stream())
            .distinct()
            .toList());
  }

  /** The library that a worker has beside ours, if this JVM has it. */
  private static Optional<Class<?>> histogram() {
    try {
      return Optional.of(
          Class.forName("org.HdrHistogram.Histogram", false, StartPath.class.getClassLoader()));
    } catch (ClassNotFoundException e) {
      return Optional.empty();
    }
  }

  private static Optional<URI> source(Class<?> type) {
    CodeSource source = type.getProtectionDomain().getCodeSource();
    return source == null || source.getLocation() == null
        ? Optional.empty()
        : Optional.of(URI.create(source.getLocation().toString()));
  }

  private static boolean isInImage(URI source) {
    return "jrt".equals(source.getScheme());
  }

  private static void requireHistogram(String path) {
    if (path.isEmpty()) {
      throw new UnsupportedOperationException(
          "the pager's worker needs HdrHistogram, which an image of jlink cannot have; name its jar with -D%s=HdrHistogram.jar"
              .formatted(PROPERTY));
    }
  }

  /** A class path that has these sources, too, each the folder or jar of a class. */
  static String with(String path, List<URI> sources) {
    List<Path> missing = new ArrayList<>();
    Set<Path> there = entries(path).collect(Collectors.toSet());
    for (URI source : sources) {
      if (isInImage(source)) {
        requireHistogram(path);
        continue; // the same java has it
      }
      if (!"file".equals(source.getScheme())) {
        throw new UnsupportedOperationException(
            "the pager's processes are JVMs of their own, which need jars that are files, and this JVM has one in %s; name those of memremap, HdrHistogram and the store with -D%s=A.jar:B.jar"
                .formatted(source, PROPERTY));
      }
      Path file = Path.of(source);
      if (!there.contains(file) && !there.contains(file.resolveSibling("*"))) {
        missing.add(file);
      }
    }
    return Stream.concat(path.isEmpty() ? Stream.of() : Stream.of(path), missing.stream())
        .map(Object::toString)
        .collect(Collectors.joining(File.pathSeparator));
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
