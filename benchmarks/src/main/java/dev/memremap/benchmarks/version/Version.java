// SPDX-License-Identifier: Apache-2.0
package dev.memremap.benchmarks.version;

import dev.memremap.Machine;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.ProviderNotFoundException;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A version of the library, with the benchmarks that measure it.
 *
 * <p>Thread safety: immutable.
 *
 * @param name for readers: the commit in short, or the jar's name
 * @param classPath of every JVM that measures it
 * @param index the benchmarks of that class path
 */
public record Version(String name, String classPath, BenchmarkIndex index) {
  private static final String CORE = "dev/memremap/Machine.class";
  private static final String JMH = "org/openjdk/jmh/Main.class";

  /** The version that is running. */
  public static Version here() throws IOException, InterruptedException {
    Optional<Repository> repository = Repository.ofTheseClasses();
    String name = repository.isPresent() ? repository.get().head() : "this version";
    return of(name, System.getProperty("java.class.path"));
  }

  private static Version of(String name, String classPath) throws IOException {
    try {
      return new Version(name, classPath, BenchmarkIndex.of(classPath));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(classPath + " has " + e.getMessage(), e);
    }
  }

  /**
   * Another version. A commit is built first, unless its jar is in the cache.
   *
   * @param jarOrCommit a file that ends in {@code .jar}, or a commit of the repository
   * @param progress hears that a build begins
   * @throws IllegalArgumentException if it is neither, or cannot be measured
   */
  public static Version named(String jarOrCommit, Consumer<String> progress)
      throws IOException, InterruptedException {
    return jarOrCommit.endsWith(".jar")
        ? ofJar(Path.of(jarOrCommit).toAbsolutePath())
        : ofCommit(jarOrCommit, CommitBuilder.ofTheseClasses(), progress);
  }

  /**
   * The launcher of another version; empty for a jar, which has none.
   *
   * @param jarOrCommit as {@link #named} takes it
   * @param progress hears that a build will begin
   * @throws IllegalArgumentException if the commit has no launcher
   */
  public static Optional<Path> launcher(String jarOrCommit, Consumer<String> progress)
      throws IOException, InterruptedException {
    if (jarOrCommit.endsWith(".jar")) {
      return Optional.empty();
    }
    CommitBuilder builder = CommitBuilder.ofTheseClasses();
    Optional<String> hash = builder.repository().commit(jarOrCommit);
    return hash.isEmpty() ? Optional.empty() : Optional.of(builder.launcher(hash.get(), progress));
  }

  static Version ofCommit(String jarOrCommit, CommitBuilder builder, Consumer<String> progress)
      throws IOException, InterruptedException {
    Optional<String> hash = builder.repository().commit(jarOrCommit);
    if (hash.isPresent()) {
      Path jar = builder.jar(hash.get(), progress);
      return of(Repository.shortened(hash.get()), jar.toString());
    }
    throw new IllegalArgumentException(
        Files.exists(Path.of(jarOrCommit))
            ? "'%s' is a file, but its name does not end in .jar".formatted(jarOrCommit)
            : "'%s' is neither a file that ends in .jar nor a commit of %s"
                .formatted(jarOrCommit, builder.repository().folder()));
  }

  static Version ofJar(Path jar) throws IOException {
    if (!Files.isRegularFile(jar)) {
      throw new IllegalArgumentException(jar + " does not exist");
    }
    boolean benchmarks;
    boolean jmh;
    boolean core;
    try (FileSystem files = FileSystems.newFileSystem(jar)) {
      benchmarks = Files.exists(files.getPath(BenchmarkIndex.LIST));
      jmh = Files.exists(files.getPath(JMH));
      core = Files.exists(files.getPath(CORE));
    } catch (IOException | ProviderNotFoundException e) {
      throw new IllegalArgumentException(jar + " is not a jar", e);
    }
    String name = jar.getFileName().toString();
    if (benchmarks && jmh && core) {
      return of(name, jar.toString());
    }
    if (benchmarks) {
      throw new IllegalArgumentException(
          jar + " has benchmarks but not all that they need; take benchmarks.jar, which is whole");
    }
    if (!core) {
      throw new IllegalArgumentException(
          jar + " holds neither benchmarks nor the library: it lacks " + CORE);
    }
    return of(name, withCore(jar));
  }

  /**
   * Our class path with another core. It takes the place of ours, so that a class that the other
   * lacks is missing rather than ours; where all lies in one jar, it stands before that.
   */
  private static String withCore(Path jar) throws IOException {
    String classPath = System.getProperty("java.class.path");
    Path core = locationOf(Machine.class);
    if (core.equals(locationOf(Version.class))) {
      return jar + File.pathSeparator + classPath;
    }
    Stream<String> others =
        Arrays.stream(classPath.split(File.pathSeparator, -1))
            .filter(entry -> !Path.of(entry).toAbsolutePath().normalize().equals(core));
    return Stream.concat(Stream.of(jar.toString()), others)
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static Path locationOf(Class<?> type) throws IOException {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI())
          .toAbsolutePath()
          .normalize();
    } catch (URISyntaxException e) {
      throw new IOException(e);
    }
  }
}
