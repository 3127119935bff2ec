// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.version;

import dev.memremap.benchmarks.Subject.Benchmarked;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;

/**
 * The benchmarks and programs of a class path: what JMH's list names, and the classes beside it.
 *
 * <p>Another version may have its benchmarks in another package. So they are found by their full
 * name or, where that is missing, by the class's simple name and the method, if just one has it.
 *
 * <p>Thread safety: immutable.
 */
public final class BenchmarkIndex {
  /** Where JMH's annotation processor writes its list. */
  static final String LIST = "META-INF/BenchmarkList";

  private final List<BenchmarkListEntry> benchmarks;
  private final Set<String> classes;

  private BenchmarkIndex(List<BenchmarkListEntry> benchmarks, Set<String> classes) {
    this.benchmarks = List.copyOf(benchmarks);
    this.classes = Set.copyOf(classes);
  }

  /**
   * Of a class path.
   *
   * @throws IOException if one of its jars cannot be read
   * @throws IllegalArgumentException if another JMH wrote a list of benchmarks otherwise
   */
  static BenchmarkIndex of(String classPath) throws IOException {
    List<BenchmarkListEntry> benchmarks = new ArrayList<>();
    Set<String> classes = new HashSet<>();
    for (String entry : classPath.split(File.pathSeparator, -1)) {
      Path path = Path.of(entry);
      if (Files.isDirectory(path)) {
        collect(path, benchmarks, classes);
      } else if (Files.isRegularFile(path)) {
        try (FileSystem jar = FileSystems.newFileSystem(path)) {
          collect(jar.getPath("/"), benchmarks, classes);
        }
      }
    }
    return new BenchmarkIndex(benchmarks, classes);
  }

  private static void collect(Path root, List<BenchmarkListEntry> benchmarks, Set<String> classes)
      throws IOException {
    Path list = root.resolve(LIST);
    if (!Files.exists(list)) {
      return;
    }
    try (InputStream in = Files.newInputStream(list)) {
      benchmarks.addAll(BenchmarkList.readBenchmarkList(in));
    } catch (RuntimeException e) {
      throw new IllegalArgumentException("a list of benchmarks that this JMH cannot read", e);
    }
    try (Stream<Path> files = Files.walk(root)) {
      files
          .map(file -> root.relativize(file).toString())
          .filter(name -> name.endsWith(".class"))
          .map(name -> name.substring(0, name.length() - ".class".length()).replace('/', '.'))
          .forEach(classes::add);
    }
  }

  /**
   * The benchmark of that name, if it has all the parameters that are asked for and no others
   * between whose values it would have to choose.
   */
  public Optional<BenchmarkListEntry> benchmark(Benchmarked wanted) {
    String owner = wanted.owner().getCanonicalName();
    return only(benchmarks.stream()
            .filter(entry -> entry.getUsername().equals(owner + "." + wanted.method())))
        .or(
            () ->
                only(
                    benchmarks.stream()
                        .filter(
                            entry ->
                                ("." + entry.getUsername())
                                    .endsWith(
                                        "."
                                            + wanted.owner().getSimpleName()
                                            + "."
                                            + wanted.method()))))
        .filter(entry -> takes(entry, wanted.params().keySet()));
  }

  private static boolean takes(BenchmarkListEntry entry, Collection<String> given) {
    if (!entry.getParams().hasValue()) {
      return given.isEmpty();
    }
    var params = entry.getParams().get();
    return params.keySet().containsAll(given)
        && params.entrySet().stream()
            .allMatch(param -> given.contains(param.getKey()) || param.getValue().length == 1);
  }

  /** The name of the class there that is this program. */
  public Optional<String> program(Class<?> main) {
    return classes.contains(main.getName())
        ? Optional.of(main.getName())
        : only(classes.stream().filter(name -> name.endsWith("." + main.getSimpleName())));
  }

  private static <T> Optional<T> only(Stream<T> found) {
    List<T> some = found.limit(2).toList();
    return some.size() == 1 ? Optional.of(some.getFirst()) : Optional.empty();
  }
}
